package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.restore.RegionsConfig.PublicName;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.route53.RecordSet;
import dev.lifeboat.route53.RecordSet.Alias;
import dev.lifeboat.route53.Zone;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.s3.Login;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The regions as they are written. What is wrong with them is in `config-mistakes`.
class RegionsConfigTest {
  @TempDir Path folder;

  private RegionsConfig read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("lifeboat.conf"), text);
    return ConfigFile.read(
        file,
        "restore { regions {}, record = null, public-address = null }",
        Map.of(),
        root -> RegionsConfig.from(root.section("restore")));
  }

  private RegionsConfig answering(String answers) throws IOException {
    return read(
        """
        restore {
          record { zone = Z1, name = vault.example.org }
          regions.west { %s }
        }
        """
            .formatted(answers));
  }

  private static PublicName name(RegionsConfig config) {
    return config.name().orElseThrow();
  }

  @Test
  void a_cluster_that_lives_in_one_place_has_none() throws Exception {
    assertEquals(RegionsConfig.NONE, read(""));
  }

  @Test
  void every_key_is_applied() throws Exception {
    RegionsConfig config =
        read(
            """
            restore {
              public-address = "https://vault.example.org:8200"
              record {
                zone = Z1234567890ABC, name = "Vault.Example.Org.", ttl = 30s
                region = aws-us-gov-global, endpoint = "http://127.0.0.1:5000", ca-file = "/ca.pem"
                credentials = files
                access-key { file = "/access" }, secret-key { file = "/secret" }
              }
              regions {
                east {
                  aws-region = us-east-1, stores = [near], answers = ["203.0.113.10"]
                  nodes.node-1 { address = "https://10.0.0.1:8200", storage = "/opt/bao" }
                }
                west {
                  alias { zone = Z1H1FL5HABSF5, name = west.elb.amazonaws.com }
                  nodes.node-1 { address = "https://10.1.0.1:8200", storage = "/opt/bao" }
                }
              }
            }
            """);

    assertEquals(List.of("east", "west"), config.all().stream().map(Region::name).toList());
    Region east = config.region("east");
    assertEquals(Optional.of("us-east-1"), east.awsRegion());
    assertEquals(List.of("near"), east.stores());
    assertEquals("https://10.0.0.1:8200", east.nodes().getFirst().address().toString());
    assertEquals("restore.regions.east.nodes.node-1", east.nodes().getFirst().key());
    Region west = config.region("west");
    assertEquals(List.of(east), config.others(west));
    assertEquals(Optional.of(URI.create("https://vault.example.org:8200")), config.publicAddress());
    Zone zone =
        new Zone(
            new Login(
                "restore.record",
                Optional.of("aws-us-gov-global"),
                Optional.of(URI.create("http://127.0.0.1:5000")),
                Optional.of(Path.of("/ca.pem"))),
            new Credentials.Files(
                new SecretSource.FromFile(Path.of("/access")),
                new SecretSource.FromFile(Path.of("/secret")),
                Optional.empty()),
            "Z1234567890ABC");
    assertEquals(
        Optional.of(new PublicName(zone, "vault.example.org", "A", Duration.ofSeconds(30))),
        config.name());
    assertEquals(
        record("A", List.of("203.0.113.10"), Optional.of(Duration.ofSeconds(30))),
        name(config).leadingTo(east));
    assertEquals(
        new RecordSet(
            "vault.example.org",
            "A",
            List.of(),
            Optional.empty(),
            Optional.of(new Alias("Z1H1FL5HABSF5", "west.elb.amazonaws.com"))),
        name(config).leadingTo(west));
  }

  private static RecordSet record(String type, List<String> values, Optional<Duration> ttl) {
    return new RecordSet("vault.example.org", type, values, ttl, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "answers = [\"198.51.100.7\", \"198.51.100.8\"] | A vault.example.org",
        "answers = [\"2001:db8::7\", \"2001:db8::8\"] | AAAA vault.example.org",
        "answers = [\"west.example.org\"] | CNAME vault.example.org",
        "alias { zone = Z2, name = west.elb.amazonaws.com } | A vault.example.org",
        "stores = [] | A vault.example.org"
      })
  void the_kind_of_the_record_is_that_of_what_it_answers(String answers, String words)
      throws Exception {
    assertEquals(words, name(answering(answers)).words());
  }

  @Test
  void a_region_that_answers_nothing_is_not_switched_to() throws Exception {
    assertFalse(answering("stores = [near]").region("west").isAnswered());
    assertTrue(answering("answers = [\"::1\"]").region("west").isAnswered());
  }

  @Test
  void what_is_not_said_of_the_name_is_what_is_usual() throws Exception {
    PublicName name = name(answering("answers = [\"198.51.100.7\"]"));

    assertEquals(Duration.ofMinutes(1), name.ttl());
    // Route 53 has one place for all of AWS, whatever region this machine is in.
    assertEquals(Optional.of("aws-global"), name.zone().login().configuredRegion());
    assertEquals(new Credentials.Default(), name.zone().credentials());
  }

  @Test
  void a_region_that_is_not_there_is_refused_with_those_that_are() throws Exception {
    RegionsConfig config = read("restore.regions { east {}, west {} }");

    assertEquals(
        "REFUSED restore.regions has no region 'moon'\nhint: there is east, west",
        Rescue.refusal(() -> config.region("moon")));
    assertEquals(
        "REFUSED restore.regions has no region 'moon'\nhint: %s"
            .formatted("add a block for each region; see docs/restore.md"),
        Rescue.refusal(() -> RegionsConfig.NONE.region("moon")));
  }
}
