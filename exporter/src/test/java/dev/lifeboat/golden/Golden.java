package dev.lifeboat.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A text compared whole with its file in `src/test/resources`.
///
/// To write the files anew after a wanted change, then to read the difference before committing:
///
/// ```
/// mvn -pl exporter test -Dtest='*Golden*' -Dgolden.update=true; git diff
/// ```
///
/// A run that writes always fails, so that no gate can pass by it.
public final class Golden {
  private Golden() {}

  /// @param module the folder of the Maven module, such as `exporter`
  /// @param name the path below its `src/test/resources`
  public static void assertMatches(String module, String name, String actual) {
    Path file =
        Path.of(System.getProperty("lifeboat.root", ".."))
            .resolve(module)
            .resolve("src/test/resources")
            .resolve(name);
    try {
      if (Boolean.getBoolean("golden.update")) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, actual);
        fail("wrote " + file + "; read the difference, then run without -Dgolden.update");
      }
      if (!Files.exists(file)) {
        fail("there is no " + file + "\nhint: write it with -Dgolden.update=true");
      }
      assertEquals(Files.readString(file), actual, name);
    } catch (IOException e) {
      fail("cannot compare with " + file, e);
    }
  }
}
