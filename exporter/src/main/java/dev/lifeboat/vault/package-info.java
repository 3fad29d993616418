/// One Vault or OpenBao node's API, both products: reads, logins, and the snapshot stream.
///
/// Reads only; the single thing written is our own login and the renewal of our own token.
/// Redirects are followed here, hop by hop, to known peers only. The only package (with `canary`)
/// that knows vault-java-driver. Depends on `config`.
@NullMarked
package dev.lifeboat.vault;

import org.jspecify.annotations.NullMarked;
