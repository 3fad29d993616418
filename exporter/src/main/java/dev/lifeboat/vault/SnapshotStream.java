package dev.lifeboat.vault;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;

/// A raft snapshot while it arrives: closing it ends the connection.
///
/// `body` throws an [IOException] whose cause is a [VaultException] with reason `STALLED` when one
/// read waits longer than the stall timeout, and `TRUNCATED` when the transport ends early. A clean
/// end proves nothing: a server that fails in mid-stream ends with a clean 200.
///
/// @param node the node that serves it, after redirects
public record SnapshotStream(URI node, InputStream body) implements AutoCloseable {
  @Override
  public void close() throws IOException {
    body.close();
  }
}
