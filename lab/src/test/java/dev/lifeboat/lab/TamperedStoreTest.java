package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Somebody who can write to the store, and nothing else: whatever he does to a backup is found and
/// named, and the other backup beside it stays good.
class TamperedStoreTest {
  @TempDir static Path folder;
  private static Site site;
  private static Path pristine;
  private static Path forgers;
  private static String victim;
  private static String other;
  private static String forged;

  @BeforeAll
  static void take_two_backups_and_forge_a_third() throws IOException {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      site = Site.beside(cluster, folder.resolve("site"));
      victim = site.backup();
      other = site.backup();
      // One who knows the public key of the recipient, but signs with a key that nobody pinned.
      var forger = Site.beside(cluster, folder.resolve("forger"));
      forger.configure("backup.recipients-file = \"" + site.recipients() + "\"");
      forged = forger.backup();
      forgers = forger.store();
    }
    pristine = folder.resolve("pristine");
    Folders.copy(site.store(), pristine);
  }

  @BeforeEach
  void put_everything_back() {
    Folders.delete(site.store());
    Folders.copy(pristine, site.store());
  }

  /// What he does, and the object that must be named.
  enum Tampering {
    CHANGED_BYTE_OF_THE_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        flip(data, Files.size(data) / 2);
      }
    },
    CHANGED_LAST_BYTE_OF_THE_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        flip(data, Files.size(data) - 1);
      }
    },
    CUT_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        cut(data);
      }
    },
    LONGER_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.write(data, new byte[1], StandardOpenOption.APPEND);
      }
    },
    EMPTY_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.write(data, new byte[0]);
      }
    },
    MISSING_DATA(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.delete(data);
      }
    },
    DATA_OF_ANOTHER_BACKUP(".data") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        swapIn(data);
      }
    },
    CHANGED_KEY(".key") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        flip(key, Files.size(key) / 3);
      }
    },
    CUT_KEY(".key") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        cut(key);
      }
    },
    MISSING_KEY(".key") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.delete(key);
      }
    },
    KEY_OF_ANOTHER_BACKUP(".key") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        swapIn(key);
      }
    },
    MANIFEST_OF_ANOTHER_BACKUP(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        swapIn(manifest);
      }
    },
    EDITED_MANIFEST(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.writeString(
            manifest,
            Files.readString(manifest).replaceFirst("\"index\" ?: ?[0-9]+", "\"index\" : 1"));
      }
    },
    MANIFEST_WITHOUT_ITS_SIGNATURE(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        var text = Files.readString(manifest);
        Files.writeString(manifest, text.substring(0, text.indexOf("-- lifeboat-signature")));
      }
    },
    CUT_MANIFEST(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        cut(manifest);
      }
    },
    MANIFEST_WITH_THE_SIGNATURE_OF_A_KEY(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        var signature = Files.readAllLines(key).getLast();
        var text = Files.readString(manifest);
        Files.writeString(
            manifest, text.substring(0, text.indexOf("-- lifeboat-signature")) + signature + "\n");
      }
    },
    A_SIGNED_KEY_FOR_A_MANIFEST(".manifest") {
      @Override
      void on(Path data, Path key, Path manifest) throws IOException {
        Files.copy(key, manifest, StandardCopyOption.REPLACE_EXISTING);
      }
    };

    private final String named;

    Tampering(String named) {
      this.named = named;
    }

    abstract void on(Path data, Path key, Path manifest) throws IOException;

    private static void flip(Path file, long at) throws IOException {
      var bytes = Files.readAllBytes(file);
      bytes[(int) at] ^= 1;
      Files.write(file, bytes);
    }

    private static void cut(Path file) throws IOException {
      var bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    private static void swapIn(Path file) throws IOException {
      Files.copy(
          file.resolveSibling(file.getFileName().toString().replace(victim, other)),
          file,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_names_the_object_that_was_tampered_with(Tampering tampering) throws IOException {
    tampering.on(stored(victim, ".data"), stored(victim, ".key"), stored(victim, ".manifest"));

    for (boolean withKey : new boolean[] {false, true}) {
      var run = withKey ? verifyDeep() : site.run("verify", "--all", "--json");
      var verdicts = run.expect(Exit.VERIFICATION_FAILED).json();

      assertTrue(verdict(verdicts, other).path("good").asBoolean(), run.out());
      var verdict = verdict(verdicts, victim);
      assertFalse(verdict.path("good").asBoolean(), run.out());
      assertTrue(objects(verdict).stream().anyMatch(this::isVictims), run.out());
      assertTrue(
          objects(verdict).stream().anyMatch(object -> object.endsWith(tampering.named)),
          run.out());
    }
    var target = folder.resolve("never.snap");
    var extract =
        site.run(
            "extract", victim, "-o", target.toString(), "--identity", site.identity().toString());
    assertTrue(extract.code() != 0, extract.out());
    assertFalse(Files.exists(target));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "EDITED_MANIFEST",
        "MANIFEST_OF_ANOTHER_BACKUP",
        "MANIFEST_WITHOUT_ITS_SIGNATURE",
        "CUT_MANIFEST",
        "MANIFEST_WITH_THE_SIGNATURE_OF_A_KEY",
        "A_SIGNED_KEY_FOR_A_MANIFEST"
      })
  void list_shows_a_manifest_that_was_tampered_with_as_not_trusted(Tampering tampering)
      throws IOException {
    tampering.on(stored(victim, ".data"), stored(victim, ".key"), stored(victim, ".manifest"));

    assertUntrusted(victim);
  }

  @Test
  void a_forged_backup_that_our_own_key_opens_is_not_trusted() {
    for (String name : Site.files(forgers)) {
      copy(forgers.resolve(name), site.store().resolve(name));
    }

    assertUntrusted(forged);
    var run = verifyDeep().expect(Exit.VERIFICATION_FAILED);
    var objects = objects(verdict(run.json(), forged));
    assertTrue(objects.contains(forged + ".manifest"), run.out());
    assertTrue(verdict(run.json(), victim).path("good").asBoolean(), run.out());
    var target = folder.resolve("forged.snap");
    site.run("extract", forged, "-o", target.toString(), "--identity", site.identity().toString())
        .expect(Exit.VERIFICATION_FAILED);
    assertFalse(Files.exists(target));
  }

  @Test
  void a_forged_manifest_for_data_of_ours_is_not_trusted() throws IOException {
    var manifest = Files.readString(forgers.resolve(forged + ".manifest"));
    Files.writeString(stored(victim, ".manifest"), manifest.replace(forged, victim));

    assertUntrusted(victim);
    verifyDeep().expect(Exit.VERIFICATION_FAILED);
  }

  @Test
  void what_nobody_touched_is_good() {
    verifyDeep().expect(Exit.OK);
    assertEquals(Set.of(victim, other), Set.copyOf(site.listed()));
  }

  private static Run verifyDeep() {
    return site.run("verify", "--all", "--json", "--identity", site.identity().toString());
  }

  private static void assertUntrusted(String id) {
    var list = site.run("list", "--json").expect(Exit.VERIFICATION_FAILED).json();
    for (JsonNode entry : list) {
      var tampered = entry.path("id").stringValue().equals(id);
      assertEquals(!tampered, entry.path("trusted").asBoolean(), entry::toString);
    }
    assertTrue(site.run("list").out().contains(id));
  }

  private boolean isVictims(String object) {
    return object.startsWith(victim);
  }

  private static JsonNode verdict(JsonNode verdicts, String id) {
    for (JsonNode verdict : verdicts) {
      if (verdict.path("id").stringValue().equals(id)) {
        return verdict;
      }
    }
    throw new AssertionError("nothing was said of " + id + ": " + verdicts);
  }

  private static Set<String> objects(JsonNode verdict) {
    var objects = new TreeSet<String>();
    verdict.path("findings").forEach(finding -> objects.add(finding.path("object").stringValue()));
    return objects;
  }

  private static Path stored(String id, String ending) {
    var name =
        Site.files(pristine).stream()
            .filter(object -> object.startsWith(id) && object.endsWith(ending))
            .findFirst()
            .orElseThrow();
    return site.store().resolve(name);
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
