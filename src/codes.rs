//! Codes: words that pages, logs and texts share, each kind of them an enum.

/// Defines an enum whose variants each have a code: words in lower case, joined by hyphens.
///
/// The enum knows all its variants (`ALL`), gives the code of each (`code()`), and is displayed and serialised as its code.
macro_rules! codes {
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name {
            $($(#[$doc])* #[doc = concat!("Code: `", $code, "`.")] $variant,)+
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.code())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.code())
            }
        }
    };
}

pub(crate) use codes;

#[cfg(test)]
mod tests {
    codes! {
        /// Ways to go.
        enum Way {
            ByBike = "by-bike",
            OnFoot = "on-foot",
        }
    }

    #[test]
    fn every_variant_is_known_and_shown_as_its_code() {
        assert_eq!(Way::ALL, [Way::ByBike, Way::OnFoot]);
        assert_eq!(Way::OnFoot.to_string(), "on-foot");
        assert_eq!(serde_json::to_string(&Way::ByBike).unwrap(), "\"by-bike\"");
    }
}
