package dev.lifeboat.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.archive.Container.Sealed;
import dev.lifeboat.archive.SnapshotFacts;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestTest {
  private static final String GOLDEN =
      """
      {
        "type" : "lifeboat-manifest/1",
        "id" : "20261122T020001Z-1f2e3d4c",
        "cluster" : {
          "id" : "14041c9e",
          "name" : "vault-cluster-8dc85c96",
          "product" : "openbao",
          "version" : "2.7.2"
        },
        "node" : "node-1",
        "taken_from" : "https://10.0.0.1:8200",
        "slot" : "2026-11-22T02:00:00Z",
        "started_at" : "2026-11-22T02:00:01Z",
        "taken_at" : "2026-11-22T02:00:01.250Z",
        "raft" : {
          "index" : 9007199254740993,
          "term" : 3
        },
        "plain" : {
          "bytes" : 20505,
          "sha256" : "aa"
        },
        "stored" : {
          "bytes" : 20561,
          "sha256" : "bb"
        },
        "recipients" : [ ],
        "seal" : {
          "type" : "static",
          "storage_type" : "raft",
          "shares" : 5,
          "threshold" : 3,
          "key_epoch" : 1
        },
        "peers" : [
          {
            "id" : "n1",
            "cluster_address" : "10.0.0.1:8201",
            "api_address" : "https://10.0.0.1:8200",
            "voter" : true
          }
        ],
        "canary" : {
          "path" : "secret/lifeboat/canary",
          "version" : 7,
          "value_sha256" : "%s",
          "transit_key" : "transit/lifeboat-canary",
          "ciphertext" : "vault:v1:abc"
        },
        "mounts" : [
          {
            "path" : "secret/",
            "type" : "kv"
          },
          {
            "path" : "sys/",
            "type" : "system"
          }
        ],
        "counts" : {
          "policies" : 4,
          "entities" : 0
        },
        "lifeboat_version" : "0.1.0"
      }
      """
          .formatted("00".repeat(32));

  private static final Manifest MANIFEST =
      MadeBackup.manifest(
          "20261122T020001Z-1f2e3d4c",
          new Sealed(
              new SnapshotFacts(9_007_199_254_740_993L, 3, "bolt-snapshot", 1, 1, 20505, "aa"),
              20561,
              "bb"),
          List.of());

  @Test
  void the_text_of_a_manifest_is_a_format_of_its_own() {
    assertEquals(GOLDEN, new String(MANIFEST.toJson(), UTF_8));
  }

  @Test
  void a_manifest_reads_back_as_it_was() {
    assertEquals(MANIFEST, Manifest.parse(MANIFEST.toJson()));
    assertArrayEquals(MANIFEST.toJson(), Manifest.parse(MANIFEST.toJson()).toJson());
  }

  @Test
  void what_is_not_known_is_left_out_and_reads_back_as_not_known() {
    Manifest bare =
        new Manifest(
            Manifest.TYPE,
            "20261122T020001Z-1f2e3d4c",
            new Manifest.Cluster("", "", "unknown", ""),
            "n",
            URI.create("http://127.0.0.1:1"),
            Optional.empty(),
            Instant.EPOCH,
            Instant.EPOCH,
            Optional.of(new Manifest.Raft(0, 0)),
            new Manifest.Content(0, ""),
            new Manifest.Content(0, ""),
            List.of(new Manifest.Recipient("0123456789abcdef", "escrow")),
            new Manifest.Seal("shamir", "raft", 1, 1, Optional.of("k"), Optional.empty()),
            List.of(new Manifest.Peer("n1", "a:1", Optional.empty(), false)),
            Optional.empty(),
            List.of(),
            new Manifest.Counts(Optional.empty(), Optional.of(2), Optional.empty()),
            "development");

    assertEquals(bare, Manifest.parse(bare.toJson()));
  }

  @Test
  void a_dump_of_a_database_has_no_raft() {
    String dump =
        GOLDEN
            .replaceFirst("  \"raft\" : \\{[^}]*\\},\n", "")
            .replace("\"storage_type\" : \"raft\"", "\"storage_type\" : \"postgresql\"");

    Manifest manifest = Manifest.parse(dump.getBytes(UTF_8));

    assertEquals(Optional.empty(), manifest.raft());
    assertEquals("postgresql", manifest.seal().storageType());
    assertEquals(dump, new String(manifest.toJson(), UTF_8));
  }

  @Test
  void a_kit_is_there_when_there_is_one() {
    String withKit =
        GOLDEN.replace(
            "  \"recipients\"",
            "  \"kit\" : {\n    \"bytes\" : 4711,\n    \"sha256\" : \"cc\",\n"
                + "    \"files\" : 3,\n    \"unreadable\" : 1\n  },\n  \"recipients\"");

    Manifest manifest = Manifest.parse(withKit.getBytes(UTF_8));

    assertEquals(
        Optional.of(new Manifest.Kit(new Manifest.Content(4711, "cc"), 3, 1)), manifest.kit());
    assertEquals(withKit, new String(manifest.toJson(), UTF_8));
  }

  @Test
  void a_label_is_there_when_there_is_one() {
    String labelled =
        GOLDEN.replace("\"started_at\" :", "\"label\" : \"pre-upgrade\",\n  \"started_at\" :");

    Manifest manifest = Manifest.parse(labelled.getBytes(UTF_8));

    assertEquals(Optional.of("pre-upgrade"), manifest.label());
    assertEquals(labelled, new String(manifest.toJson(), UTF_8));
    assertEquals(Optional.empty(), MANIFEST.label());
  }

  @Test
  void fields_that_a_later_version_adds_are_ignored() {
    String later = GOLDEN.replace("\"node\" :", "\"new\" : {\"a\" : [1]},\n  \"node\" :");

    assertEquals(MANIFEST, Manifest.parse(later.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lifeboat-manifest/1" | lifeboat-manifest/2" | its type is TYPE2, expected TYPE
          "20261122T020001Z-1f2e3d4c" | "x" | 'id' is not the id of a backup: 'x'
          "node" : | "knot" : | 'node' is missing
          9007199254740993 | "9007199254740993" | 'raft.index' is not a whole number
          9007199254740993 | 1.5 | 'raft.index' is not a whole number
          9007199254740993 | -1 | 'raft.index' is not a whole number
          "shares" : 5 | "shares" : 5000000000 | 'seal.shares' is not a small whole number
          "voter" : true | "voter" : "yes" | 'peers[0].voter' is not true or false
          "recipients" : [ ] | "recipients" : {} | 'recipients' is not a list
          "recipients" : [ ] | "recipients" : [ 1 ] | 'recipients[0]' is not an object
          2026-11-22T02:00:01.250Z | yesterday | 'taken_at' is not an instant
          https://10.0.0.1:8200" | not an address" | 'taken_from' is not an address
          "type" : "static" | "type" : null | 'seal.type' is not text
          """)
  void a_wrong_field_is_named(String part, String replacement, String message) {
    byte[] wrong = GOLDEN.replaceFirst(Pattern.quote(part), replacement).getBytes(UTF_8);

    assertEquals(
        message.replace("TYPE2", "'lifeboat-manifest/2'").replace("TYPE", "'lifeboat-manifest/1'"),
        assertThrows(IllegalArgumentException.class, () -> Manifest.parse(wrong)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"''", "[]", "{", "nonsense", "{} {}", "'{\"type\":1,\"type\":2}'"})
  void what_is_no_json_object_is_refused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Manifest.parse(text.getBytes(UTF_8)));
  }
}
