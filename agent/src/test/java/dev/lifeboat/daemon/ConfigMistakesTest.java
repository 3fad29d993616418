package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every `config-mistakes/NAME.conf` must be refused with exactly the text of `NAME.expected`.
class ConfigMistakesTest {
  static List<Path> mistakes() throws Exception {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void every_mistake_is_told_in_the_words_of_its_golden_file(Path file) throws IOException {
    var e = assertThrows(ConfigException.class, () -> LifeboatConfig.read(file, Map.of()));

    String text = ConfigFile.render(e).replace(file.getParent() + "/", "");
    Path golden = Path.of(file.toString().replace(".conf", ".expected"));
    assertEquals(Files.readString(golden), text);
  }

  @Test
  void there_are_dozens_of_them() throws Exception {
    assertTrue(mistakes().size() >= 30);
  }

  /// In the sources: a build that cleans nothing still has those that are gone.
  private static Path folder() {
    return Path.of("src/test/resources/config-mistakes").toAbsolutePath();
  }
}
