//! Takes key pairs over that an operator brings as PEM files.

use std::path::{Path, PathBuf};

use josekit::jwk::KeyPair as _;
use josekit::jwk::alg::rsa::RsaKeyPair;
use sha2::{Digest as _, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::key_ring::seal;
use super::store::StoredKey;
use super::succession::HEAD_START;
use super::{KeyPurpose, KeyRingError, PemKeyPair, Signer, store};
use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ids::Random;
use crate::sealing::Sealer;

/// Imports every `*.pem` in `folder` that was not imported before: those whose name begins with `rooms` sign room
/// tokens, the others sign for platforms. A key pair that is the first signs at once; another takes over 26 hours later.
///
/// Errors: [`KeyRingError::File`] for the first file that holds no RSA private key of 2048 bits or more.
pub async fn import_keys(
    db: &Database,
    sealer: &Sealer,
    folder: &Path,
    now: Timestamp,
    random: &Random,
) -> Result<(), KeyRingError> {
    for path in pem_files(folder)? {
        let unusable = |reason: String| KeyRingError::File { path: path.clone(), reason };
        let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
        let ImportedKey { pair, kid } = read(&text).map_err(unusable)?;
        let is_rooms = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rooms"));
        let purpose = if is_rooms { KeyPurpose::Rooms } else { KeyPurpose::Platforms };
        let fresh = seal(&pair.private, pair.public, kid, sealer, now, now, random);
        loop {
            match take_over(db, purpose, fresh.clone(), now).await? {
                Taken::Known => break,
                Taken::Stored => {
                    tracing::info!(file = %path.display(), purpose = purpose.word(), "a key is imported");
                    break;
                }
                // Another process made a key at this moment: this one comes after it.
                Taken::Overtaken => {}
            }
        }
    }
    Ok(())
}

/// What became of a key pair that was brought.
enum Taken {
    Stored,
    Known,
    Overtaken,
}

async fn take_over(
    db: &Database,
    purpose: KeyPurpose,
    fresh: StoredKey,
    now: Timestamp,
) -> Result<Taken, DbError> {
    db.write(move |tx| {
        if store::is_known(tx.connection, &fresh.kid)? {
            return Ok(Taken::Known);
        }
        let generation = store::last_generation(tx.connection, purpose)? + 1;
        let begins = if generation == 1 { now } else { now.plus(HEAD_START) };
        let fresh = StoredKey { generation, signs_from: begins, ..fresh };
        let is_stored = store::insert(tx.connection, purpose, &fresh)?;
        Ok(if is_stored { Taken::Stored } else { Taken::Overtaken })
    })
    .await
}

fn pem_files(folder: &Path) -> Result<Vec<PathBuf>, KeyRingError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(KeyRingError::File { path: folder.to_owned(), reason: error.to_string() });
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .collect();
    files.sort();
    Ok(files)
}

/// A key pair of a file.
struct ImportedKey {
    pair: PemKeyPair,
    kid: String,
}

/// Reads the key pair of a private key in PEM.
///
/// Spec: RFC 7638 (the name is the thumbprint of the public key).
fn read(text: &str) -> Result<ImportedKey, String> {
    if text.contains("ENCRYPTED") {
        return Err("it is protected by a password; store it without one, readable by its owner alone".into());
    }
    if !text.contains("PRIVATE KEY") {
        return Err("it holds no private key (PEM, PKCS#1 or PKCS#8)".into());
    }
    let pair = RsaKeyPair::from_pem(text).map_err(|error| format!("it is no RSA key: {error}"))?;
    let pem = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let private = pem(pair.to_pem_private_key());
    Signer::private_key(&private, "").map_err(|error| error.to_string())?;
    let jwk = pair.to_jwk_public_key();
    let part =
        |name: &str| jwk.parameter(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let canonical = format!("{{\"e\":\"{}\",\"kty\":\"RSA\",\"n\":\"{}\"}}", part("e"), part("n"));
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()));
    Ok(ImportedKey { pair: PemKeyPair { private, public: pem(pair.to_pem_public_key()) }, kid })
}

#[cfg(test)]
mod tests {
    use openssl::pkey::PKey;
    use openssl::rsa::Rsa;
    use openssl::symm::Cipher;

    use super::*;

    fn text(pem: Vec<u8>) -> String {
        String::from_utf8(pem).unwrap()
    }

    #[test]
    fn private_keys_of_both_forms_have_one_name() {
        let rsa = Rsa::generate(2048).unwrap();
        let (old, new) = (
            text(rsa.private_key_to_pem().unwrap()),
            text(PKey::from_rsa(rsa).unwrap().private_key_to_pem_pkcs8().unwrap()),
        );
        assert!(old.contains("BEGIN RSA PRIVATE KEY") && new.contains("BEGIN PRIVATE KEY"));
        let (first, second) = (read(&old).unwrap(), read(&new).unwrap());
        assert_eq!((&first.kid, &first.pair.private), (&second.kid, &second.pair.private));
        assert_eq!(first.pair.public, second.pair.public);
        assert_eq!(first.kid.len(), 43);
    }

    #[test]
    fn what_cannot_sign_is_refused_with_its_reason() {
        let rsa = Rsa::generate(2048).unwrap();
        let short = Rsa::generate(1024).unwrap();
        let curve = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        let curve = openssl::ec::EcKey::generate(&curve).unwrap();
        let key = PKey::from_rsa(rsa.clone()).unwrap();
        let sealed = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), b"secret").unwrap();
        for (pem, reason) in [
            (text(rsa.public_key_to_pem().unwrap()), "no private key"),
            (text(sealed), "protected by a password"),
            (text(short.private_key_to_pem().unwrap()), "cannot be used"),
            (text(curve.private_key_to_pem().unwrap()), "no RSA key"),
            ("-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n".to_owned(), "no RSA key"),
            (String::new(), "no private key"),
        ] {
            let refused = read(&pem).err().unwrap();
            assert!(refused.contains(reason), "{reason}: {refused}");
        }
    }
}
