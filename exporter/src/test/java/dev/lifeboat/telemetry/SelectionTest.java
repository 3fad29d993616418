package dev.lifeboat.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final Optional<String> LAB = Optional.of("lab");

  @Test
  void of_samples_that_differ_in_the_cluster_alone_the_named_one_stays() {
    String text =
        """
        # TYPE vault_core_unsealed gauge
        vault_core_unsealed{cluster=""} 0
        vault_core_unsealed{cluster="lab"} 1
        # TYPE vault_core_mount_table_size gauge
        vault_core_mount_table_size{cluster="lab",local="true",type="auth"} 7
        vault_core_mount_table_size{cluster="",local="true",type="auth"} 6
        vault_core_mount_table_size{cluster="",local="false",type="auth"} 5
        """;

    Selection selection = select(text, true, "vault_*");

    assertEquals(
        List.of(
            "vault_core_unsealed{cluster=\"lab\"} 1",
            "vault_core_mount_table_size{cluster=\"lab\",local=\"true\",type=\"auth\"} 7",
            "vault_core_mount_table_size{cluster=\"\",local=\"false\",type=\"auth\"} 5"),
        samples(selection));
    assertEquals(2, selection.contradictions());
  }

  @Test
  void a_name_that_health_does_not_know_is_better_than_none() {
    String text =
        """
        # TYPE vault_core_unsealed gauge
        vault_core_unsealed{cluster=""} 1
        vault_core_unsealed{cluster="old \\" one"} 0
        """;

    assertEquals(
        List.of("vault_core_unsealed{cluster=\"old \\\" one\"} 0"),
        samples(Selection.of(text, config(9, "vault_*"), true, Optional.empty())));
  }

  @Test
  void what_only_a_leader_knows_is_not_told_by_a_former_one() {
    String text = Texts.of("openbao-former-leader");

    Selection standby = select(text, false, "vault_*");
    Selection active = select(text, true, "vault_*");

    assertTrue(samples(active).stream().anyMatch(each -> each.startsWith("vault_autopilot_")));
    assertTrue(
        samples(standby).stream()
            .noneMatch(each -> each.matches("vault_(autopilot|raft_peers|expire_num).*")));
    assertEquals(samples(active).size() - samples(standby).size(), standby.contradictions());
  }

  @Test
  void only_what_is_allowed_is_passed_on_and_never_a_name_of_ours() {
    String text = Texts.of("openbao-active");

    Selection selection = select(text, true, "*");

    assertTrue(samples(selection).stream().noneMatch(each -> each.startsWith("process_")));
    assertEquals(
        List.of("vault_autopilot_healthy 1"),
        samples(select(text, true, "vault_autopilot_healthy")));
    assertEquals(
        text.lines().filter(line -> !line.startsWith("#")).count(),
        selection.series() + selection.notAllowed());
  }

  @Test
  void over_the_limit_the_largest_metric_goes_and_the_others_stay() {
    String text =
        """
        # TYPE vault_small gauge
        vault_small 1
        # TYPE vault_large gauge
        vault_large{n="1"} 1
        vault_large{n="2"} 1
        vault_large{n="3"} 1
        # TYPE vault_other gauge
        vault_other 1
        """;

    Selection selection = Selection.of(text, config(3, "*"), true, LAB);

    assertEquals(List.of("vault_small 1", "vault_other 1"), samples(selection));
    assertEquals(3, selection.overLimit());
  }

  @Test
  void names_types_and_values_are_passed_on_untouched() {
    String text = Texts.of("openbao-active");
    Rendered rendered =
        Rendered.of(Selection.of(text, config(10_000, "vault_*", "go_*"), true, LAB).families());
    List<String> written = Texts.lines(rendered, false);

    List<String> wanted =
        text.lines().filter(line -> !line.matches("(# \\w+ )?process_.*")).toList();

    assertEquals(wanted, written);
  }

  @Test
  void openmetrics_calls_no_counter_one_that_is_not_named_so() {
    String text =
        """
        # HELP vault_raft_apply vault_raft_apply
        # TYPE vault_raft_apply counter
        vault_raft_apply 7
        # TYPE go_memstats_alloc_bytes_total counter
        go_memstats_alloc_bytes_total 8
        # TYPE odd untyped
        odd 9
        """;

    Rendered rendered = Rendered.of(Selection.of(text, config(9, "*"), true, LAB).families());

    assertEquals(
        """
        # HELP vault_raft_apply vault_raft_apply
        # TYPE vault_raft_apply unknown
        vault_raft_apply 7
        # TYPE go_memstats_alloc_bytes counter
        go_memstats_alloc_bytes_total 8
        # TYPE odd unknown
        odd 9
        """
            .lines()
            .toList(),
        Texts.lines(rendered, true));
  }

  @Test
  void samples_without_a_type_are_metrics_of_their_own() {
    Selection selection = select("lone 1\n# TYPE a gauge\na 2\nb_extra 3\n", true, "*");

    assertEquals(
        List.of("lone untyped", "a gauge", "b_extra untyped"),
        selection.families().stream().map(each -> each.name() + " " + each.type()).toList());
    assertFalse(selection.value("lone").isEmpty());
  }

  @Test
  void a_histogram_is_whole_and_what_is_odd_is_left_alone() {
    String text =
        """
        # A remark.
        # HELP other of another metric
        # HELP h
        # TYPE h histogram
        h_bucket{le="1"} 1
        h_sum 2
        h_count 3
        h 4
        # TYPE t
        t 5
        # TYPE s summary
        s{quantile="0.5"} 1
        s_sum 2
        s_count 3
        s_max 4
        """;

    List<String> families =
        select(text, true, "*").families().stream()
            .map(each -> each.name() + " " + each.type() + " " + each.samples().size())
            .toList();

    assertEquals(
        List.of("h histogram 3", "h untyped 1", "t untyped 1", "s summary 3", "s_max untyped 1"),
        families);
  }

  private static Selection select(String text, boolean active, String allow) {
    return Selection.of(text, config(10_000, allow), active, LAB);
  }

  private static TelemetryConfig config(int limit, String... allow) {
    return new TelemetryConfig(true, false, Duration.ofSeconds(10), List.of(allow), limit);
  }

  private static List<String> samples(Selection selection) {
    return selection.families().stream().flatMap(each -> each.samples().stream()).toList();
  }
}
