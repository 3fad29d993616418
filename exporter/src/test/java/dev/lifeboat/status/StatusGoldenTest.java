package dev.lifeboat.status;

import dev.lifeboat.golden.Golden;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The page, the text and the JSON, whole; [Golden] says how to write the files anew.
class StatusGoldenTest {
  static Stream<Arguments> statuses() {
    return Stream.of(
        Arguments.of("healthy", Statuses.healthy()),
        Arguments.of("standby", Statuses.standby()),
        Arguments.of("sealed", Statuses.sealed()),
        Arguments.of("unreachable", Statuses.unreachable()),
        Arguments.of("troubled", Statuses.troubled()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statuses")
  void the_page_is_as_recorded(String name, Status status) {
    Golden.assertMatches("exporter", "status/" + name + ".html", StatusHtml.render(status));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statuses")
  void the_text_is_as_recorded(String name, Status status) {
    Golden.assertMatches("exporter", "status/" + name + ".txt", StatusText.render(status));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statuses")
  void the_json_is_as_recorded(String name, Status status) {
    Golden.assertMatches("exporter", "status/" + name + ".json", StatusJson.render(status));
  }
}
