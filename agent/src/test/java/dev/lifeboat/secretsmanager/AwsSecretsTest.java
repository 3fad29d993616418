package dev.lifeboat.secretsmanager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.store.s3.Login;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AwsSecretsTest {
  private static final String GET = "GetSecretValue";

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

  private AwsSecrets secrets() throws IOException {
    return new AwsSecrets(
        new Login(
            "unseal.aws",
            Optional.of("eu-central-1"),
            Optional.of(aws.endpoint()),
            Optional.empty()),
        FakeAws.credentials(folder));
  }

  private String refused() {
    var refused =
        assertThrows(SecretsManagerException.class, () -> secrets().read("vault-unseal-keys"));
    return String.valueOf(refused.getMessage());
  }

  @Test
  void a_secret_of_text_is_read_as_it_is() throws IOException {
    aws.on(GET, "{\"Name\":\"vault-unseal-keys\",\"SecretString\":\"one\\ntwo\"}");

    assertEquals("one\ntwo", secrets().read("vault-unseal-keys").reveal());
    assertTrue(aws.asked().getFirst().contains("\"SecretId\":\"vault-unseal-keys\""));
  }

  @Test
  void a_secret_of_bytes_is_read_as_text() throws IOException {
    aws.on(GET, "{\"Name\":\"vault-unseal-keys\",\"SecretBinary\":\"b25l\"}");

    assertEquals("one", secrets().read("vault-unseal-keys").reveal());
  }

  @ParameterizedTest
  @CsvSource({
    "ResourceNotFoundException, 'there is no such secret\nhint: see its name'",
    "InvalidRequestException, 'it is going to be deleted\nhint: aws secretsmanager restore-secret'",
    "AccessDeniedException, 'the rights that are needed are in docs/unseal.md'"
  })
  void each_refusal_says_what_to_do(String type, String words) {
    aws.on(GET, "{\"__type\":\"%s\",\"message\":\"no\"}".formatted(type));

    String message = refused();

    assertTrue(
        message.startsWith("secret vault-unseal-keys of Secrets Manager cannot be read: "),
        message);
    assertTrue(message.contains(words), message);
  }

  @Test
  void a_new_secret_never_takes_the_place_of_another() throws IOException {
    aws.on("CreateSecret", "{\"Name\":\"new\"}");
    assertTrue(secrets().create("new", "of a test", new Secret("s")));
    for (String taken : List.of("ResourceExistsException", "InvalidRequestException")) {
      aws.on("CreateSecret", "{\"__type\":\"%s\",\"message\":\"no\"}".formatted(taken));
      assertFalse(secrets().create("new", "of a test", new Secret("s")));
    }
    aws.on("CreateSecret", "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
    assertTrue(unmade().contains("docs/rekey.md"), unmade());
    aws.close();
    assertTrue(unmade().contains("can this machine reach"), unmade());
  }

  private String unmade() {
    var refused =
        assertThrows(
            SecretsManagerException.class,
            () -> secrets().create("new", "of a test", new Secret("s")));
    return String.valueOf(refused.getMessage());
  }

  @Test
  void one_who_does_not_answer_is_named() {
    aws.close();

    assertTrue(refused().contains("hint: can this machine reach " + aws.endpoint()));
  }
}
