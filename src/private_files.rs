//! Keeps the files that hold people's data and our secrets to their owner.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const OF_OTHERS: u32 = 0o077;
/// Folders such as `/tmp`, which belong to everybody.
const STICKY: u32 = 0o1000;

/// Makes a folder, and those above it that are missing, for its owner alone; takes it back from others where it exists and
/// holds nothing but what is ours.
///
/// `database` is the file of the embedded database, where there is one. Errors: the folder cannot be made.
pub fn own_folder(folder: &Path, database: Option<&Path>) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mode = mode_of(folder)?;
    if mode & OF_OTHERS == 0 {
        return Ok(());
    }
    if mode & STICKY == 0
        && std::fs::read_dir(folder)?
            .flatten()
            .all(|entry| is_ours(&entry.file_name().to_string_lossy(), database))
    {
        narrow(folder, mode);
    } else {
        tracing::warn!(folder = %folder.display(), mode = format!("{mode:o}"), "others can look into this folder, which holds other things too");
    }
    Ok(())
}

/// Makes the file of the embedded database for its owner alone, and takes it and those beside it back from others.
///
/// Errors: the file cannot be made.
pub fn own_database(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let beside = ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    for file in std::iter::once(path.to_owned()).chain(beside).chain([path.with_extension("lock")]) {
        if let Ok(mode) = mode_of(&file)
            && mode & OF_OTHERS != 0
        {
            narrow(&file, mode);
        }
    }
    Ok(())
}

fn mode_of(path: &Path) -> io::Result<u32> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o7777)
}

/// Takes the rights of others away, and says so.
fn narrow(path: &Path, mode: u32) {
    let narrowed = mode & !OF_OTHERS;
    let before = format!("{mode:o}");
    match std::fs::set_permissions(path, Permissions::from_mode(narrowed)) {
        Ok(()) => {
            tracing::warn!(path = %path.display(), before, now = format!("{narrowed:o}"), "others could read this, and no longer can")
        }
        Err(error) => tracing::warn!(path = %path.display(), before, %error, "others can read this"),
    }
}

/// Whether a file of this name is one of those that this program makes, or an operator brings for it.
fn is_ours(name: &str, database: Option<&Path>) -> bool {
    let stem = database.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    matches!(name, "data" | "keys" | "locales" | "secret" | "lost+found")
        || name.ends_with(".pem")
        || stem.is_some_and(|stem| name.starts_with(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_of_ours_is_taken_back_and_a_shared_one_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("tool.sqlite3");
        set(folder.path(), 0o755);
        std::fs::write(folder.path().join("secret"), "").unwrap();
        own_folder(folder.path(), Some(&database)).unwrap();
        assert_eq!(mode_of(folder.path()).unwrap(), 0o700);
        set(folder.path(), 0o755);
        std::fs::write(folder.path().join("report.pdf"), "").unwrap();
        own_folder(folder.path(), Some(&database)).unwrap();
        assert_eq!(mode_of(folder.path()).unwrap(), 0o755, "it holds what is not ours");
        std::fs::remove_file(folder.path().join("report.pdf")).unwrap();
        set(folder.path(), 0o1777);
        own_folder(folder.path(), None).unwrap();
        assert_eq!(mode_of(folder.path()).unwrap(), 0o1777, "it is everybody's");
        let inner = folder.path().join("a/b");
        own_folder(&inner, None).unwrap();
        assert_eq!([mode_of(&inner).unwrap(), mode_of(inner.parent().unwrap()).unwrap()], [0o700, 0o700]);
    }

    #[test]
    fn a_database_is_its_owners_alone_also_one_from_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tool.sqlite3");
        own_database(&path).unwrap();
        assert_eq!(mode_of(&path).unwrap(), 0o600);
        let files = ["tool.sqlite3", "tool.sqlite3-wal", "tool.sqlite3-shm", "tool.lock"]
            .map(|name| folder.path().join(name));
        for file in &files {
            std::fs::write(file, "").unwrap();
            set(file, 0o664);
        }
        own_database(&path).unwrap();
        for file in &files {
            assert_eq!(mode_of(file).unwrap(), 0o600, "{}", file.display());
        }
    }
}
