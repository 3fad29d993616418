package dev.lifeboat.secretsmanager;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.s3.Login;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/// The secrets of one account and region.
///
/// @param login how it is reached
/// @param credentials who we are; `secretsmanager:GetSecretValue` is needed, and `kms:Decrypt` of a
///   key of your own; for a new secret `secretsmanager:CreateSecret`
public record AwsSecrets(Login login, Credentials credentials) {
  private static final Duration ATTEMPT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(20);

  /// The current version of a secret, text or bytes, as text.
  ///
  /// @param name of the secret, or its ARN
  public Secret read(String name) {
    try (SecretsManagerClient client = open()) {
      GetSecretValueResponse answer = client.getSecretValue(request -> request.secretId(name));
      return new Secret(
          Optional.ofNullable(answer.secretString())
              .orElseGet(() -> answer.secretBinary().asUtf8String()));
    } catch (ResourceNotFoundException e) {
      throw said(name, "there is no such secret", "see its name, the region and the account", e);
    } catch (InvalidRequestException e) {
      throw said(
          name, "it is going to be deleted", "aws secretsmanager restore-secret --secret-id", e);
    } catch (AwsServiceException e) {
      throw said(name, Login.brief(e), "the rights that are needed are in docs/unseal.md", e);
    } catch (SdkException | SecretException | StoreException | UncheckedIOException e) {
      String where = login.endpoint().map(Object::toString).orElse("AWS");
      throw said(
          name, Login.brief(e), "can this machine reach %s? see unseal.aws".formatted(where), e);
    }
  }

  /// Makes a secret. One that is there stays as it is.
  ///
  /// @param description without anything secret: everybody who lists secrets reads it
  /// @return whether the name was free
  public boolean create(String name, String description, Secret text) {
    try (SecretsManagerClient client = open()) {
      var _ =
          client.createSecret(
              request -> request.name(name).description(description).secretString(text.reveal()));
      return true;
    } catch (ResourceExistsException e) {
      return false;
    } catch (InvalidRequestException e) {
      // One that is going to be deleted keeps its name until then.
      return false;
    } catch (AwsServiceException e) {
      throw unmade(name, Login.brief(e), "the rights that are needed are in docs/rekey.md", e);
    } catch (SdkException | SecretException | StoreException | UncheckedIOException e) {
      String where = login.endpoint().map(Object::toString).orElse("AWS");
      throw unmade(
          name, Login.brief(e), "can this machine reach %s? see unseal.aws".formatted(where), e);
    }
  }

  private static SecretsManagerException unmade(
      String name, String what, String hint, Exception cause) {
    return new SecretsManagerException(
        "secret %s of Secrets Manager cannot be made: %s\nhint: %s".formatted(name, what, hint),
        cause);
  }

  private SecretsManagerClient open() {
    SecretsManagerClientBuilder builder =
        SecretsManagerClient.builder()
            .overrideConfiguration(
                override -> override.apiCallAttemptTimeout(ATTEMPT).apiCallTimeout(CALL));
    return login.client(builder, credentials, ATTEMPT);
  }

  private static SecretsManagerException said(
      String name, String what, String hint, Exception cause) {
    return new SecretsManagerException(
        "secret %s of Secrets Manager cannot be read: %s\nhint: %s".formatted(name, what, hint),
        cause);
  }
}
