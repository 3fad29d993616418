package dev.lifeboat.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.watch.NodeStates;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusHtmlTest {
  @Test
  void what_others_named_is_escaped() {
    assertEquals(
        "&lt;a href=&quot;x&quot;&gt;&amp;&#39;?", StatusHtml.escape("<a href=\"x\">&'\u001b"));
    assertFalse(StatusHtml.render(Statuses.troubled()).contains("<script"));
  }

  @Test
  void nothing_is_loaded_from_elsewhere() {
    String page = StatusHtml.render(Statuses.troubled());

    for (String loading : new String[] {"src=", "url(", "@import", "<link", "<script"}) {
      assertFalse(page.contains(loading), loading);
    }
  }

  @Test
  void the_policy_names_the_hash_of_the_style_that_is_sent() throws NoSuchAlgorithmException {
    String page = StatusHtml.render(Statuses.healthy());
    String style =
        page.substring(page.indexOf("<style>") + "<style>".length(), page.indexOf("</style>"));

    byte[] sum =
        MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));

    assertTrue(
        StatusHtml.CONTENT_SECURITY_POLICY.contains(
            "style-src 'sha256-" + Base64.getEncoder().encodeToString(sum) + "'"));
  }

  @Test
  void without_style_the_parts_of_a_cell_are_still_told_apart() {
    String text = StatusHtml.render(Statuses.healthy()).replaceAll("<[^>]*>", "");

    assertTrue(text.contains("bao-1 (10.0.0.1:8201)"), text);
    assertTrue(text.contains("in 16 hours (2026-11-23 02:00:00 UTC)"), text);
    assertTrue(text.contains("216 MiB (216.1 MiB stored)"), text);
    assertTrue(text.contains("20261122T020000Z-5be21c07 (by vault-a, raft index 4692)"), text);
  }

  @Test
  void of_several_schedules_the_one_whose_turn_is_next_is_named() {
    Instant soon = Instant.parse("2026-11-23T02:00:00Z");
    var two =
        Statuses.backups().withNextRuns(Map.of("daily", soon, "monthly", soon.plusSeconds(3600)));
    var one = Statuses.backups().withNextRuns(Map.of("daily", soon));

    assertEquals(Optional.of("daily"), two.nextSchedule());
    assertEquals(Optional.empty(), one.nextSchedule());
    var status = Statuses.of(NodeStates.active(), Optional.of(two));
    String text = StatusHtml.render(status).replaceAll("<[^>]*>", "");
    assertTrue(text.contains("(2026-11-23 02:00:00 UTC), daily"), text);
  }

  @Test
  void severity_and_state_are_words_too() {
    String page = StatusHtml.render(Statuses.sealed());

    assertTrue(page.contains("<b>Critical:</b>"));
    assertTrue(page.contains(">sealed</span>"));
  }
}
