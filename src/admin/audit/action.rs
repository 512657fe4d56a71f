//! What the audit log knows that people do.

use crate::codes::codes;

codes! {
    /// What became of what somebody did or tried.
    pub enum AuditOutcome {
        Done = "done",
        Refused = "refused",
    }
}

codes! {
    /// What somebody did or tried, in a word of the audit log; its text is `audit-CODE`.
    pub enum Action {
        DeploymentAdmit = "deployment-admit",
        DeploymentApprove = "deployment-approve",
        DeploymentApproveAll = "deployment-approve-all",
        DeploymentEnter = "deployment-enter",
        DeploymentExpel = "deployment-expel",
        DeploymentRefuse = "deployment-refuse",
        DeploymentTest = "deployment-test",
        Enter = "enter",
        InvitationWithdraw = "invitation-withdraw",
        Invite = "invite",
        JobRetry = "job-retry",
        KeysRotate = "keys-rotate",
        PersonBlock = "person-block",
        PersonEndSessions = "person-end-sessions",
        PersonUnblock = "person-unblock",
        PlatformAccept = "platform-accept",
        PlatformAdd = "platform-add",
        PlatformApproveAlways = "platform-approve-always",
        PlatformAskAgain = "platform-ask-again",
        PlatformChange = "platform-change",
        PlatformDelete = "platform-delete",
        PlatformDisable = "platform-disable",
        PlatformDismiss = "platform-dismiss",
        PlatformEnable = "platform-enable",
        PlatformEndSessions = "platform-end-sessions",
        PlatformFrames = "platform-frames",
        PlatformPropose = "platform-propose",
        PlatformRoles = "platform-roles",
        PlatformRotate = "platform-rotate",
        PlatformSettings = "platform-settings",
        PlatformTest = "platform-test",
        Register = "register",
        RegisterUpdate = "register-update",
        ServerActivate = "server-activate",
        ServerAdd = "server-add",
        ServerChange = "server-change",
        ServerDefault = "server-default",
        ServerDrain = "server-drain",
        ServerRemove = "server-remove",
        ServerTest = "server-test",
        SessionEnd = "session-end",
        SiteSettings = "site-settings",
    }
}
