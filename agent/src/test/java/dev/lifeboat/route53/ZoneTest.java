package dev.lifeboat.route53;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.route53.RecordSet.Alias;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.s3.Login;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// What is made of the answers of Route 53, which is a fake here; the lab has moto.
class ZoneTest {
  private static final String NAME = "vault.example.org";
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;
  private FakeRoute53 aws;

  @BeforeEach
  void open() throws IOException {
    aws = FakeRoute53.open();
  }

  @AfterEach
  void close() {
    aws.close();
  }

  private Optional<RecordSet> read(String type) throws Exception {
    return aws.zone(folder).read(NAME, type);
  }

  private static RecordSet simple(String... values) {
    return new RecordSet(
        NAME, "A", List.of(values), Optional.of(Duration.ofMinutes(1)), Optional.empty());
  }

  private static String refusal(Executable act) {
    return String.valueOf(assertThrows(RecordException.class, act).getMessage());
  }

  @Test
  void a_name_says_all_that_is_needed_to_put_it_back() throws Exception {
    aws.has(NAME, "A", "203.0.113.10", "203.0.113.11");

    RecordSet found = read("A").orElseThrow();

    assertEquals(NAME, found.name());
    assertEquals("203.0.113.10, 203.0.113.11", found.answer());
    assertEquals("203.0.113.10, 203.0.113.11, ttl 300 s", found.words());
    assertEquals(Optional.of(found), aws.zone(folder).read("Vault.Example.Org.", "A"));
  }

  /// Route 53 answers with the next record when there is none of the name.
  @Test
  void a_neighbour_is_not_taken_for_the_name() throws Exception {
    aws.has("www.example.org", "A", "192.0.2.1");
    assertEquals(Optional.empty(), read("A"));

    aws.has(NAME, "CNAME", "elsewhere.example.org");
    assertEquals(Optional.empty(), read("A"));
  }

  @Test
  void an_alias_is_known_by_its_target_and_the_zone_of_that() throws Exception {
    aws.alias(NAME, "Z35SXDOTRQ7X7K", "dualstack.east.elb.amazonaws.com");

    RecordSet found = read("A").orElseThrow();

    assertEquals("alias of dualstack.east.elb.amazonaws.com", found.answer());
    assertEquals("alias of dualstack.east.elb.amazonaws.com in zone Z35SXDOTRQ7X7K", found.words());
    assertEquals(List.of(), found.values());
    assertEquals(Optional.empty(), found.ttl());
  }

  @Test
  void a_record_with_a_routing_policy_is_refused() {
    aws.weighted(NAME, "blue", "203.0.113.10");

    String refusal = refusal(() -> read("A"));

    assertTrue(
        refusal.startsWith("A %s has a routing policy (record 'blue')\nhint: ".formatted(NAME)),
        refusal);
    assertTrue(refusal.contains("switch it in restore.after"), refusal);
  }

  @Test
  void what_is_written_takes_the_place_of_what_was_there() throws Exception {
    aws.has(NAME, "A", "203.0.113.10").pending(1);

    aws.zone(folder).write(simple("198.51.100.7"), BOUND);

    assertEquals(Optional.of(simple("198.51.100.7")), read("A"));
    assertEquals(1, aws.changes());
    // The change, one look that is too early, one that is not, and ours above.
    assertEquals(4, aws.asked());
  }

  @Test
  void an_alias_is_written_without_values_and_ttl() throws Exception {
    Alias alias = new Alias("Z1H1FL5HABSF5", "west.elb.amazonaws.com");
    RecordSet wanted = new RecordSet(NAME, "A", List.of(), Optional.empty(), Optional.of(alias));

    aws.zone(folder).write(wanted, BOUND);

    assertEquals(Optional.of(wanted), read("A"));
    String set = aws.set(NAME, "A");
    assertTrue(set.contains("<EvaluateTargetHealth>false</EvaluateTargetHealth>"), set);
    assertFalse(set.contains("TTL"), set);
    assertFalse(set.contains("<ResourceRecord>"), set);
  }

  @Test
  void a_change_that_does_not_reach_all_servers_in_time_is_said() {
    aws.pending(99);

    String late = refusal(() -> aws.zone(folder).write(simple("198.51.100.7"), Duration.ZERO));

    assertEquals(
        "A %s was switched, and Route 53 has not told all of its servers after 0 s\nhint: %s"
            .formatted(NAME, "the same command looks again"),
        late);
  }

  @Test
  void who_may_not_is_told_what_rights_are_needed() {
    aws.denies(true);

    String read = refusal(() -> read("A"));
    String write = refusal(() -> aws.zone(folder).write(simple("198.51.100.7"), BOUND));

    String where = " in zone " + FakeRoute53.ID + ": not authorized";
    assertTrue(read.startsWith("A " + NAME + " cannot be read" + where), read);
    assertTrue(write.startsWith("A " + NAME + " cannot be switched" + where), write);
    assertTrue(write.endsWith("hint: the rights that are needed are in docs/restore.md"), write);
  }

  @Test
  void one_that_does_not_answer_is_named() {
    aws.close();

    String silent = refusal(() -> read("A"));

    assertTrue(
        silent.endsWith(
            "hint: can this machine reach %s? see restore.record".formatted(aws.endpoint())),
        silent);
  }

  @Test
  void without_credentials_nobody_is_asked() {
    SecretSource none = new SecretSource.FromFile(folder.resolve("no-such-file"));
    Zone zone =
        new Zone(
            new Login(
                "restore.record", Optional.of("aws-global"), Optional.empty(), Optional.empty()),
            new Credentials.Files(none, none, Optional.empty()),
            FakeRoute53.ID);

    String refusal = refusal(() -> zone.read(NAME, "A"));

    assertTrue(refusal.contains("no-such-file"), refusal);
    assertTrue(refusal.contains("can this machine reach Route 53?"), refusal);
    assertEquals(0, aws.asked());
  }

  @Test
  void two_records_answer_alike_whatever_their_order_and_their_ttl() {
    RecordSet other =
        new RecordSet(
            NAME, "A", List.of("b", "a"), Optional.of(Duration.ofDays(1)), Optional.empty());
    RecordSet alias =
        new RecordSet(
            NAME, "A", List.of(), Optional.empty(), Optional.of(new Alias("Z1", "elb.example")));

    assertTrue(simple("a", "b").answersLike(other));
    assertFalse(simple("a").answersLike(other));
    assertTrue(alias.answersLike(alias));
    assertFalse(alias.answersLike(simple()));
    assertEquals(
        "a", new RecordSet(NAME, "A", List.of("a"), Optional.empty(), Optional.empty()).words());
  }
}
