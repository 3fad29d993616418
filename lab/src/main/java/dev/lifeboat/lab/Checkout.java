package dev.lifeboat.lab;

import java.nio.file.Files;
import java.nio.file.Path;

/// The source tree that the lab works in; `./lifeboat` and the build say where it is.
public final class Checkout {
  private Checkout() {}

  /// From the system property `lifeboat.root`.
  public static Path root() {
    var root = Path.of(System.getProperty("lifeboat.root", "")).toAbsolutePath();
    if (!Files.isRegularFile(root.resolve("docs/policies/backup.hcl"))) {
      throw new LabException(
          root + " is not Lifeboat's source tree\nhint: start the lab by ./lifeboat demo");
    }
    return root;
  }

  /// Where experiments keep their folders; ignored by git.
  public static Path experiments() {
    return Folders.create(root().resolve(".lab"));
  }

  /// What `lab/servers/install` leaves for this tree; ignored by git.
  public static Path tools() {
    return root().resolve(".tools");
  }
}
