package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import java.io.OutputStream;

/// The backup that is brought back.
public interface Source {
  /// As its signer wrote it.
  Manifest manifest();

  /// Writes the plain snapshot. What was written before an exception is none.
  void extract(OutputStream plain);
}
