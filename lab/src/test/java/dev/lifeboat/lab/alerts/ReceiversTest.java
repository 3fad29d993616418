package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The receivers refuse what the real services would.
@Tag("quick")
class ReceiversTest {
  private static final String KEY = "k".repeat(32);

  private static final String TRIGGER =
      """
      {"routing_key": "%s", "dedup_key": "d", "event_action": "trigger", "payload": {
       "summary": "VaultSealed lifeboat: The node is sealed. node-1 node-2",
       "source": "Alertmanager",
       "severity": "critical",
       "custom_details": {"runbook": "docs/runbooks/VaultSealed.md", "firing": "node-1 node-2 "}}}
      """
          .formatted(KEY);

  private static final String RESOLVE =
      "{\"routing_key\": \"%s\", \"dedup_key\": \"d\", \"event_action\": \"resolve\"}"
          .formatted(KEY);

  private static final String CHAT =
      """
      {"channel": "#vault", "attachments": [{"title": "FIRING VaultSealed lifeboat",
       "color": "danger", "text": "The node at node-1 is sealed.\\nover: node-2"}]}
      """;

  private static final String WATCHDOG =
      """
      {"version": "4", "status": "firing", "groupKey": "g", "alerts": [
       {"labels": {"alertname": "Watchdog", "severity": "none"}, "annotations": {}}]}
      """;

  private static final List<String> LETTER =
      """
      From: alertmanager@example.net
      To: vault-team@example.net
      Subject: [FIRING:2] VaultSealed lifeboat (critical)
      Message-Id: <1@example.net>
      Date: Sun, 22 Nov 2026 02:00:00 +0000
      Content-Type: multipart/alternative;  boundary=b
      MIME-Version: 1.0

      --b
      Content-Transfer-Encoding: quoted-printable
      Content-Type: text/html; charset=3DUTF-8

      <strong>[1] Firing</strong><br />severity =3D critical<br />instance =3D nod=
      e-1<br />
      <strong>[1] Resolved</strong><br />instance =3D node-2<br />
      --b--
      """
          .lines()
          .toList();

  @Test
  void a_trigger_and_its_resolve_are_taken() throws Refusal {
    var pager = new PagerDutyEvents(KEY);

    var trigger = pager.take(json(TRIGGER), Instant.EPOCH);
    var resolve = pager.take(json(RESOLVE), Instant.EPOCH);

    assertEquals(202, trigger.status());
    assertEquals("success", json(trigger.body()).path("status").stringValue());
    assertEquals(Set.of("node-1", "node-2"), trigger.message().nodes());
    assertEquals("VaultSealed", resolve.message().alert());
    assertEquals(trigger.message().key(), resolve.message().key());
    assertThrows(Refusal.class, () -> pager.take(json(RESOLVE), Instant.EPOCH));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "routing_key",
        "dedup_key",
        "event_action",
        "payload",
        "summary",
        "source",
        "severity",
        "runbook"
      })
  void an_event_without_what_it_needs_is_refused(String field) {
    var event = json(TRIGGER.replace("\"" + field + "\"", "\"something-else\""));

    assertThrows(Refusal.class, () -> new PagerDutyEvents(KEY).take(event, Instant.EPOCH), field);
  }

  @Test
  void an_event_with_what_nobody_could_read_is_refused() {
    for (var event :
        List.of(
            TRIGGER.replace("The node", "x".repeat(1024)),
            TRIGGER.replace("trigger", "fire"),
            TRIGGER.replace("\"critical\"", "\"bad\""),
            TRIGGER.replace("node-1", "<no value>"),
            TRIGGER.replace(KEY, "l".repeat(32)),
            TRIGGER.replace("\"d\"", "\"" + "d".repeat(256) + "\""))) {
      assertThrows(
          Refusal.class, () -> new PagerDutyEvents(KEY).take(json(event), Instant.EPOCH), event);
    }
  }

  @Test
  void chat_takes_what_can_be_read_in_its_channel() throws Refusal {
    var chat = new SlackWebhook("/x", "#vault");

    var message = chat.take(json(CHAT), Instant.EPOCH).message();

    assertTrue(message.firing());
    assertEquals(Set.of("node-1"), message.nodes());
    for (var wrong :
        List.of(
            CHAT.replace("#vault", "#other"),
            CHAT.replace("attachments", "blocks"),
            CHAT.replace("danger", "good"),
            CHAT.replace("\"text\"", "\"body\""),
            CHAT.replace("FIRING VaultSealed", "FIRING "),
            CHAT.replace("node-1", "<no value>"),
            CHAT.replace("sealed", "x".repeat(40_001)))) {
      assertThrows(Refusal.class, () -> chat.take(json(wrong), Instant.EPOCH), wrong);
    }
  }

  @Test
  void the_switch_takes_one_firing_alert() throws Refusal {
    var dead = new DeadMansSwitch("/x");

    assertEquals("Watchdog", dead.take(json(WATCHDOG), Instant.EPOCH).message().alert());
    assertThrows(
        Refusal.class,
        () -> dead.take(json(WATCHDOG.replace("firing", "resolved")), Instant.EPOCH));
    assertThrows(
        Refusal.class, () -> dead.take(json(WATCHDOG.replace("alerts", "x")), Instant.EPOCH));
  }

  @Test
  void a_mail_says_what_fires_apart_from_what_is_over() throws Refusal {
    var message = Letter.read(LETTER, Instant.EPOCH);

    assertTrue(message.firing());
    assertEquals("VaultSealed", message.alert());
    assertEquals("critical", message.severity());
    assertEquals(Set.of("node-1"), message.nodes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"From:", "Subject:", "Date:", "text/html", "[FIRING:2]", "boundary=b"})
  void a_mail_without_what_it_needs_is_refused(String part) {
    var letter = LETTER.stream().map(line -> line.replace(part, "X-" + part.charAt(0) + ":"));

    assertThrows(Refusal.class, () -> Letter.read(letter.toList(), Instant.EPOCH));
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
