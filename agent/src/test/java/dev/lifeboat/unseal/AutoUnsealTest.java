package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.unseal.AutoUnseal.Finding;
import dev.lifeboat.unseal.AutoUnseal.Finding.Grade;
import dev.lifeboat.vault.FakeVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is found without KMS; the rest is in `lab`.
class AutoUnsealTest {
  @TempDir Path folder;

  private Finding examine(String type, String stanza) throws Exception {
    Path file = Files.writeString(folder.resolve("server.hcl"), stanza);
    var config =
        new UnsealConfig(
            List.of(),
            List.of(),
            List.of(folder.resolve("missing.hcl"), file),
            new UnsealConfig.Aws(
                Optional.empty(), Optional.empty(), Optional.empty(), FakeAws.credentials(folder)));
    List<Finding> findings =
        new AutoUnseal(config).examine(Optional.of(type).filter(text -> !text.isEmpty()));
    assertEquals(1, findings.size());
    return findings.getFirst();
  }

  @Test
  void a_transit_server_that_is_sealed_itself_is_the_cause() throws Exception {
    try (FakeVault transit = FakeVault.open().sealed()) {
      Finding finding = examine("transit", transit(transit.address().toString()));

      assertEquals(Grade.BAD, finding.grade());
      assertTrue(finding.text().endsWith(" is sealed itself"), finding.text());
    }
  }

  @Test
  void a_transit_server_that_is_open_leaves_the_token() throws Exception {
    try (FakeVault transit = FakeVault.open().active()) {
      Finding finding = examine("transit", transit(transit.address() + "/"));

      assertEquals(Grade.GOOD, finding.grade());
      assertTrue(finding.text().contains("token for unseal-lab"), finding.text());
      assertFalse(finding.text().contains("s.token-of-the-stanza"));
    }
  }

  @Test
  void a_transit_server_that_is_away_is_the_cause() throws Exception {
    Finding finding = examine("", transit("http://127.0.0.1:1"));

    assertEquals(Grade.BAD, finding.grade());
    assertTrue(finding.text().contains("cannot be reached"), finding.text());
  }

  private static String transit(String address) {
    return """
    seal "transit" {
      address = "%s"
      token = "s.token-of-the-stanza"
      key_name = "unseal-lab"
    }
    """
        .formatted(address);
  }

  @Test
  void a_static_key_that_is_gone_is_the_cause() throws Exception {
    Path key = folder.resolve("seal-key");
    String stanza =
        "seal \"static\" {\n  current_key = \"file://%s\"\n  current_key_id = \"k\"\n}\n"
            .formatted(key);

    assertEquals(Grade.BAD, examine("static", stanza).grade());
    Files.write(key, new byte[5]);
    assertEquals("its key file %s has 5 bytes".formatted(key), examine("static", stanza).text());
    Files.write(key, new byte[32]);
    assertEquals(Grade.GOOD, examine("static", stanza).grade());
  }

  @Test
  void a_key_of_kms_that_is_disabled_is_the_cause_and_one_we_may_not_see_may_be_none()
      throws Exception {
    try (FakeAws aws = FakeAws.open()) {
      String stanza =
          "seal \"awskms\" {\n  kms_key_id = \"alias/unseal\"\n  region = \"eu-central-1\"\n"
              + "  endpoint = \"%s\"\n}\n".formatted(aws.endpoint());

      Finding unseen = examine("awskms", stanza);
      assertEquals(Grade.UNKNOWN, unseen.grade());
      assertTrue(unseen.hint().endsWith("its own login, and its log says"), unseen.hint());

      aws.on(
          "DescribeKey",
          "{\"KeyMetadata\":{\"KeyId\":\"k\",\"Arn\":\"a:k\",\"KeyState\":\"Disabled\"}}");
      Finding disabled = examine("awskms", stanza);
      assertEquals(Grade.BAD, disabled.grade());
      assertTrue(disabled.text().endsWith("a:k is Disabled"), disabled.text());
    }
  }

  @Test
  void a_key_that_is_good_says_whether_it_is_gone_with_one_region() throws Exception {
    String key =
        "{\"KeyMetadata\":{\"KeyId\":\"k\",\"KeyState\":\"Enabled\","
            + "\"Arn\":\"arn:aws:kms:eu-central-1:1:key/mrk-1\"%s}}";
    String more = ",\"MultiRegionConfiguration\":{\"PrimaryKey\":{\"Region\":\"us-west-2\"}}";
    try (FakeAws aws = FakeAws.open()) {
      String stanza =
          "seal \"awskms\" {\n  kms_key_id = \"alias/unseal\"\n  endpoint = \"%s\"\n}\n"
              .formatted(aws.endpoint());
      aws.on("DescribeKey", key.formatted("")).encrypting();
      Finding alone = examine("awskms", stanza);
      aws.on("DescribeKey", key.formatted(more));
      Finding replicated = examine("awskms", stanza);

      assertTrue(alone.isInOneRegion());
      assertTrue(alone.text().endsWith("for this user; in eu-central-1 only"), alone.text());
      assertFalse(replicated.isInOneRegion());
      assertTrue(replicated.text().endsWith("in eu-central-1, us-west-2"), replicated.text());
    }
  }

  @Test
  void a_stanza_of_kms_without_a_key_has_it_from_the_environment() throws Exception {
    assertEquals(Grade.UNKNOWN, examine("awskms", "seal \"awskms\" {\n}\n").grade());
  }

  @Test
  void a_stanza_that_holds_no_address_is_no_bug_of_ours() throws Exception {
    Finding finding =
        examine(
            "awskms",
            "seal \"awskms\" {\n  kms_key_id = \"k-1234567\"\n  endpoint = \"http://a b\"\n}\n");

    assertEquals(Grade.UNKNOWN, finding.grade());
    assertTrue(finding.text().contains("k-1234567"), finding.text());
  }

  @Test
  void a_transit_server_behind_a_path_is_not_asked() throws Exception {
    assertEquals(Grade.UNKNOWN, examine("transit", transit("https://vault/transit/v1")).grade());
  }

  @Test
  void a_static_key_that_is_written_into_the_stanza_is_not_printed() throws Exception {
    Finding finding = examine("static", "seal \"static\" {\n  current_key = \"c2VjcmV0\"\n}\n");

    assertEquals(Grade.UNKNOWN, finding.grade());
    assertFalse((finding.text() + finding.hint()).contains("c2VjcmV0"));
  }

  @Test
  void of_a_seal_that_cannot_be_tried_the_names_are_said() throws Exception {
    Finding finding =
        examine("gcpckms", "seal \"gcpckms\" {\n  project = \"p\"\n  key_ring = \"r\"\n}\n");

    assertEquals(Grade.UNKNOWN, finding.grade());
    assertTrue(finding.text().endsWith("names: project = p, key_ring = r"), finding.text());
  }

  @Test
  void a_configuration_of_another_seal_than_the_node_has_is_told() throws Exception {
    Finding finding = examine("awskms", "seal \"transit\" {\n}\n");

    assertEquals("the server has seal awskms, and its configuration says transit", finding.text());
  }

  @Test
  void without_the_stanza_it_asks_for_the_file() throws Exception {
    Finding finding = examine("awskms", "storage \"raft\" {\n}\n");

    assertEquals(Grade.UNKNOWN, finding.grade());
    assertTrue(finding.hint().contains("missing.hcl cannot be read"), finding.hint());
  }
}
