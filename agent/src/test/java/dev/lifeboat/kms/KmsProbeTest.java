package dev.lifeboat.kms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.KeyException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said of a key of an auto-unseal. A good one is looked at in `lab` as well.
class KmsProbeTest {
  private static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";

  @TempDir Path folder;
  private FakeAws aws;

  @BeforeEach
  void open() throws IOException {
    aws = FakeAws.open();
  }

  @AfterEach
  void close() {
    aws.close();
  }

  private KeyException refused() {
    return assertThrows(KeyException.class, () -> KmsProbe.look(config()));
  }

  private KmsConfig config() throws IOException {
    return new KmsConfig(
        "of the seal",
        "alias/unseal",
        Optional.of("eu-central-1"),
        Optional.of(aws.endpoint()),
        Optional.empty(),
        FakeAws.credentials(folder),
        true,
        Optional.empty());
  }

  private static String key(String state) {
    return "{\"KeyMetadata\":{\"KeyId\":\"1234abcd\",\"Arn\":\"%s\",\"KeyState\":\"%s\"}}"
        .formatted(ARN, state);
  }

  @Test
  void a_good_key_says_in_which_regions_it_is() throws IOException {
    aws.on("DescribeKey", key("Enabled")).encrypting();

    assertEquals(new KmsProbe.Answer(ARN, Set.of("eu-central-1")), KmsProbe.look(config()));

    aws.on(
        "DescribeKey",
        key("Enabled")
            .replace(
                "\"Arn\"",
                "\"MultiRegion\":true,\"MultiRegionConfiguration\":{"
                    + "\"MultiRegionKeyType\":\"REPLICA\","
                    + "\"PrimaryKey\":{\"Region\":\"us-east-1\"},"
                    + "\"ReplicaKeys\":[{\"Region\":\"us-west-2\"}]},\"Arn\""));

    assertEquals(
        Set.of("eu-central-1", "us-east-1", "us-west-2"), KmsProbe.look(config()).regions());
  }

  @ParameterizedTest
  @CsvSource({
    "Disabled, aws kms enable-key",
    "PendingDeletion, 'aws kms cancel-key-deletion at once'",
    "PendingImport, aws kms enable-key"
  })
  void a_key_that_is_not_enabled_is_of_no_use_to_anybody(String state, String words) {
    aws.on("DescribeKey", key(state));

    KeyException refused = refused();

    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("%s is %s\nhint: %s".formatted(ARN, state, words)), message);
    assertTrue(KmsProbe.isOfTheKey(refused));
  }

  @Test
  void a_key_that_is_not_there_is_of_no_use_to_anybody() {
    aws.on("DescribeKey", "{\"__type\":\"NotFoundException\",\"message\":\"no\"}");

    KeyException refused = refused();

    assertTrue(KmsProbe.isOfTheKey(refused));
    assertTrue(String.valueOf(refused.getMessage()).contains("account of unseal.aws"));
  }

  @Test
  void what_only_we_may_not_can_be_right_for_the_server() {
    aws.on("DescribeKey", key("Enabled"));

    KeyException refused = refused();

    assertFalse(KmsProbe.isOfTheKey(refused));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("cannot encrypt with alias/unseal"), message);
    assertTrue(message.contains("docs/unseal.md"), message);
  }

  @Test
  void a_key_that_decrypts_to_something_else_is_told() {
    String other = Base64.getEncoder().encodeToString(new byte[32]);
    aws.on("DescribeKey", key("Enabled"))
        .on("Encrypt", "{\"CiphertextBlob\":\"AAEC\",\"KeyId\":\"%s\"}".formatted(ARN))
        .on("Decrypt", "{\"Plaintext\":\"%s\",\"KeyId\":\"%s\"}".formatted(other, ARN));

    KeyException refused = refused();

    assertTrue(String.valueOf(refused.getMessage()).endsWith("decrypts to something else"));
    assertEquals(KeyException.Reason.KMS, refused.reason());
  }
}
