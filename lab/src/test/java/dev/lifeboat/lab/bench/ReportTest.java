package dev.lifeboat.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

@Tag("quick")
class ReportTest {
  private static final Samples PEER = new Samples("other", Unit.SECONDS, List.of(1.0, 2.0, 9.0));

  private static final Finding GOOD = ratio(new Samples("ours", Unit.SECONDS, List.of(3.0)));
  private static final Finding BAD =
      new Finding(
          "memory",
          new Samples("growth", Unit.MEBIBYTES, List.of(10.0, 65.0)),
          Optional.empty(),
          new Goal.Each(64),
          List.of("cold"));

  private static final Report REPORT =
      new Report(
          Instant.parse("2026-11-22T10:00:00.123Z"),
          "OpenBao 2.7.2",
          new Machine("EPYC", 2, "25", "ext4", 0.25),
          List.of(GOOD, BAD));

  @Test
  void a_ratio_is_of_the_medians_and_met_up_to_its_limit() {
    assertEquals(1.5, GOOD.ratio().orElseThrow());
    assertTrue(GOOD.met());
    assertFalse(ratio(new Samples("ours", Unit.SECONDS, List.of(3.1))).met());
  }

  @Test
  void a_limit_holds_for_each_sample_not_for_their_median() {
    assertFalse(BAD.met());
  }

  @Test
  void a_ratio_needs_something_to_compare_with() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Finding("backup", PEER, Optional.empty(), new Goal.Ratio(1), List.of()));
  }

  @Test
  void the_table_has_a_line_for_each_and_says_what_was_missed() {
    assertEquals(
        """
        2026-11-22T10:00:00Z, OpenBao 2.7.2
        2 cores of EPYC, Java 25, data on ext4, load before 0.3

        benchmark | measured | Lifeboat | compared with | theirs | ratio | goal
        backup | ours | 3.00 s | other | 2.00 s (1.00–9.00) | 1.50× | ≤ 1.5× | met
        memory | growth | 37.5 MiB (10.0–65.0) | ≤ 64.0 MiB | MISSED

        memory, growth: cold""",
        REPORT.text().replaceAll(" {2,}", " | "));
  }

  @Test
  void the_columns_are_aligned() {
    var lines = REPORT.text().lines().toList();

    assertEquals(lines.get(3).indexOf("theirs"), lines.get(4).indexOf("2.00 s"));
    assertEquals(lines.get(3).indexOf("goal"), lines.get(4).indexOf("≤"));
    assertEquals(lines.get(3).indexOf("goal"), lines.get(5).indexOf("≤"));
  }

  @Test
  void the_json_has_every_value() {
    var json = JsonMapper.shared().readTree(REPORT.json());

    assertEquals("2026-11-22T10:00:00.123Z", json.path("taken_at").asString());
    assertEquals("ext4", json.at("/machine/file_system").asString());
    assertEquals(1.5, json.at("/findings/0/ratio").asDouble());
    assertEquals(9, json.at("/findings/0/compared_with/values/2").asDouble());
    assertTrue(json.at("/findings/0/met").asBoolean());
    assertEquals(65, json.at("/findings/1/lifeboat/max").asDouble());
    assertEquals(64, json.at("/findings/1/each_max").asDouble());
    assertEquals("cold", json.at("/findings/1/notes/0").asString());
  }

  private static Finding ratio(Samples ours) {
    return new Finding("backup", ours, Optional.of(PEER), new Goal.Ratio(1.5), List.of());
  }
}
