package dev.lifeboat.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionPolicyTest {
  @TempDir Path folder;

  @Test
  void the_two_policies_of_the_documentation() throws IOException {
    assertEquals("daily 30, monthly 12", read("daily = 30, monthly = 12").text());
    assertEquals(
        "within 90d, monthly within 365d", read("within { all = 90d, monthly = 365d }").text());
  }

  @Test
  void every_key_has_its_rule() throws IOException {
    RetentionPolicy policy =
        read(
            """
            last = 1, hourly = 2, daily = 3, weekly = 4, monthly = 5, yearly = 6
            within { all = 7d, hourly = 36h, daily = 9d }
            within { weekly = 70d, monthly = 110d, yearly = 1200d }
            max-share-percent = 20
            """);

    assertEquals(
        "last 1, hourly 2, daily 3, weekly 4, monthly 5, yearly 6, within 7d, hourly within 36h,"
            + " daily within 9d, weekly within 70d, monthly within 110d, yearly within 1200d",
        policy.text());
    assertEquals(20, policy.maxSharePercent());
  }

  @Test
  void nothing_written_and_nothing_counted_keep_everything() throws IOException {
    assertEquals(RetentionPolicy.FOR_EVER, read(""));
    assertEquals(RetentionPolicy.FOR_EVER, read("daily = 0"));
    assertEquals("everything", RetentionPolicy.FOR_EVER.text());
  }

  @Test
  void ages_read_as_they_were_written() {
    assertEquals("within 7d", new Rule.Within(Period.ALL, Duration.ofDays(7)).text());
    assertEquals("within 36h", new Rule.Within(Period.ALL, Duration.ofHours(36)).text());
    assertEquals("within 90m", new Rule.Within(Period.ALL, Duration.ofMinutes(90)).text());
  }

  @Test
  void mistakes_are_told_with_their_line() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    daily = 30d
                    montly = 12
                    weekly = -1
                    max-share-percent = 101
                    within { all = 90, monthly = 30d, dayly = 5d }
                    """));

    assertEquals(
        List.of(
            "2 retention.daily: expected a whole number, found \"30d\"",
            "3 retention.montly: unknown key",
            "4 retention.weekly: must be between 0 and 10000, found -1",
            "5 retention.max-share-percent: must be between 1 and 100, found 101",
            "6 retention.within.all: expected a duration with its unit, found 90",
            "6 retention.within.dayly: unknown key",
            "6 retention.within.monthly: must be between 31d and 36500d, found 30d"),
        e.problems().stream()
            .map(p -> p.origin().replaceAll(".*:", "") + " " + p.key() + ": " + p.message())
            .sorted()
            .toList());
  }

  private RetentionPolicy read(String block) throws IOException {
    Path file = Files.writeString(folder.resolve("a.conf"), "retention {\n" + block + "\n}\n");
    return ConfigFile.read(
        file, "", Map.of(), root -> RetentionPolicy.from(root.section("retention")));
  }
}
