package dev.lifeboat.route53;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.s3.Login;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.Route53ClientBuilder;
import software.amazon.awssdk.services.route53.model.AliasTarget;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeStatus;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/// A hosted zone.
///
/// @param login how Route 53 is reached
/// @param credentials who we are: `route53:ListResourceRecordSets`,
///   `route53:ChangeResourceRecordSets` and `route53:GetChange` are needed
/// @param id such as `Z1234567890ABC`
public record Zone(Login login, Credentials credentials, String id) {
  private static final Duration ATTEMPT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(20);

  /// Route 53 says that a change takes up to 60 s to reach all of its servers.
  private static final Duration POLL = Duration.ofSeconds(1);

  private interface Call<T> {
    T on(Route53Client client) throws InterruptedException;
  }

  /// What the name answers now; empty when there is no such record.
  public Optional<RecordSet> read(String name, String type) throws InterruptedException {
    return ask(
        "%s %s cannot be read".formatted(type, name),
        client ->
            client
                .listResourceRecordSets(
                    request ->
                        request
                            .hostedZoneId(id)
                            .startRecordName(name)
                            .startRecordType(type)
                            .maxItems("1"))
                .resourceRecordSets()
                .stream()
                .filter(found -> plain(found.name()).equals(plain(name)))
                .filter(found -> found.typeAsString().equals(type))
                .findFirst()
                .map(Zone::known));
  }

  private static RecordSet known(ResourceRecordSet found) {
    String name = plain(found.name());
    if (found.setIdentifier() != null) {
      throw new RecordException(
          "%s %s has a routing policy (record '%s')\nhint: %s"
              .formatted(
                  found.typeAsString(),
                  name,
                  found.setIdentifier(),
                  "only simple records are switched; leave restore.record out, and switch it in"
                      + " restore.after"));
    }
    AliasTarget alias = found.aliasTarget();
    return new RecordSet(
        name,
        found.typeAsString(),
        found.resourceRecords().stream().map(ResourceRecord::value).toList(),
        Optional.ofNullable(found.ttl()).map(Duration::ofSeconds),
        Optional.ofNullable(alias)
            .map(each -> new RecordSet.Alias(each.hostedZoneId(), plain(each.dnsName()))));
  }

  /// Puts it in place of what was there, and waits until all servers of Route 53 answer it.
  ///
  /// @param bound how long that may take
  public void write(RecordSet record, Duration bound) throws InterruptedException {
    boolean _ =
        ask(
            "%s %s cannot be switched".formatted(record.type(), record.name()),
            client -> {
              Change change =
                  Change.builder()
                      .action(ChangeAction.UPSERT)
                      .resourceRecordSet(set(record))
                      .build();
              String known =
                  client
                      .changeResourceRecordSets(
                          request ->
                              request.hostedZoneId(id).changeBatch(batch -> batch.changes(change)))
                      .changeInfo()
                      .id();
              await(client, known, record, bound);
              return true;
            });
  }

  private static void await(Route53Client client, String change, RecordSet record, Duration bound)
      throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (client.getChange(request -> request.id(change)).changeInfo().status()
        != ChangeStatus.INSYNC) {
      if (System.nanoTime() >= deadline) {
        throw new RecordException(
            "%s %s was switched, and Route 53 has not told all of its servers after %d s\nhint: %s"
                .formatted(
                    record.type(),
                    record.name(),
                    bound.toSeconds(),
                    "the same command looks again"));
      }
      Thread.sleep(POLL);
    }
  }

  private static ResourceRecordSet set(RecordSet record) {
    ResourceRecordSet.Builder set =
        ResourceRecordSet.builder().name(record.name()).type(record.type());
    if (record.alias().isPresent()) {
      RecordSet.Alias alias = record.alias().get();
      return set.aliasTarget(
              to -> to.hostedZoneId(alias.zone()).dnsName(alias.name()).evaluateTargetHealth(false))
          .build();
    }
    return set.ttl(record.ttl().map(Duration::toSeconds).orElse(null))
        .resourceRecords(
            record.values().stream()
                .map(value -> ResourceRecord.builder().value(value).build())
                .toList())
        .build();
  }

  /// Route 53 writes names with a dot at their end.
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
  }

  private <T> T ask(String what, Call<T> call) throws InterruptedException {
    Route53ClientBuilder builder =
        Route53Client.builder()
            .overrideConfiguration(
                override -> override.apiCallAttemptTimeout(ATTEMPT).apiCallTimeout(CALL));
    try (Route53Client client = login.client(builder, credentials, ATTEMPT)) {
      return call.on(client);
    } catch (AwsServiceException e) {
      throw new RecordException(
          "%s in zone %s: %s\nhint: the rights that are needed are in docs/restore.md"
              .formatted(what, id, Login.brief(e)),
          e);
    } catch (SdkException | SecretException | StoreException | UncheckedIOException e) {
      String where = login.endpoint().map(Object::toString).orElse("Route 53");
      throw new RecordException(
          "%s in zone %s: %s\nhint: can this machine reach %s? see restore.record"
              .formatted(what, id, Login.brief(e), where),
          e);
    }
  }
}
