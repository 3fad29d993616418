package dev.lifeboat;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultNode;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What may depend on what, each rule with its reason.
class HouseRulesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.lifeboat");

  private static final String[] EXPORTER = {
    "dev.lifeboat.config..",
    "dev.lifeboat.vault..",
    "dev.lifeboat.watch..",
    "dev.lifeboat.telemetry..",
    "dev.lifeboat.metrics..",
    "dev.lifeboat.collector..",
    "dev.lifeboat.http..",
    "dev.lifeboat.status.."
  };

  private static final String REKEY = "dev.lifeboat.rekey..";

  /// @param homes the only packages that may know the library
  record Firewall(String library, List<String> homes, String because) {
    @Override
    public String toString() {
      return library + " only in " + homes;
    }
  }

  static List<Firewall> firewalls() {
    return List.of(
        new Firewall(
            "com.typesafe.config..",
            List.of("config"),
            "configuration is parsed once; everyone else gets records"),
        new Firewall(
            "io.github.jopenlibs..",
            List.of("vault", "canary", "unseal", "rekey"),
            "logins are made in one place, and only what must writes to Vault"),
        new Firewall(
            "java.net.http..",
            List.of("vault", "sandbox", "notify", "restore"),
            "a second HTTP client would follow redirects with the token in its hand; that of"
                + " webhooks has no token and follows none; a restore only says what is sent"),
        new Firewall(
            "io.vertx..",
            List.of("http"),
            "blocking code lives on virtual threads, not in handlers"),
        new Firewall(
            "com.google.crypto.tink..",
            List.of("keys", "archive"),
            "cryptography is reviewed in two packages, not hunted for"),
        new Firewall(
            "com.amazon.corretto..",
            List.of("archive"),
            "where its native library is missing, one place falls back to the JDK"),
        new Firewall(
            "org.apache.commons.compress..",
            List.of("archive"),
            "the snapshot format is known in one place"),
        new Firewall(
            "software.amazon..",
            List.of("store.s3", "kms", "secretsmanager", "route53"),
            "what fails says so in our words, not in those of an SDK"),
        new Firewall(
            "org.apache.sshd..",
            List.of("ssh", "store.sftp", "machine"),
            "its clients trust every server and read ~/.ssh until they are told not to"),
        new Firewall(
            "java.sql..",
            List.of("postgresql"),
            "a database is asked in one place, and what fails there says so in our words"),
        new Firewall("com.cronutils..", List.of("schedule"), "its time zones are corrected there"),
        new Firewall("picocli..", List.of("cli"), "the daemon has no command line"),
        new Firewall("at.favre.lib..", List.of("http"), "passwords are only checked at the door"),
        new Firewall(
            "io.prometheus..",
            List.of("metrics", "collector", "backup", "daemon"),
            "a capability reports facts; its collector turns them into samples"));
  }

  @ParameterizedTest
  @MethodSource("firewalls")
  void each_library_stays_in_its_package(Firewall firewall) {
    var homes =
        firewall.homes().stream().map(home -> "dev.lifeboat." + home + "..").toArray(String[]::new);

    check(
        noClasses()
            .that(resideInAPackage("dev.lifeboat..").and(DescribedPredicate.not(in(homes))))
            .should()
            .dependOnClassesThat(resideInAPackage(firewall.library()))
            .because(firewall.because()));
  }

  @Test
  void the_exporter_never_writes_to_vault() {
    Set<String> writing = Set.of("POST", "PUT", "DELETE", "PATCH");

    check(
        noClasses()
            .that(in(EXPORTER))
            .should()
            .callMethodWhere(
                describe(
                    "sends a writing request",
                    (JavaMethodCall call) ->
                        call.getTargetOwner().isAssignableTo(HttpRequest.Builder.class)
                            && writing.contains(call.getName())))
            .because("whoever runs only an exporter must be able to trust that it only looks"));
    check(
        noClasses()
            .that(in(EXPORTER))
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.github\\.jopenlibs\\.vault\\.api\\.Logical")
            .because("of the driver the exporter uses the login alone"));
    check(
        noClasses()
            .that(resideInAPackage("dev.lifeboat..").and(DescribedPredicate.not(in(REKEY))))
            .should()
            .callMethod(VaultNode.class, "cancel", String.class, Secret.class, String.class)
            .because("a rekey is all that is cancelled"));
  }

  @Test
  void the_exporter_does_not_know_the_agent() {
    check(
        noClasses()
            .that(in(EXPORTER))
            .should()
            .dependOnClassesThat(
                resideInAPackage("dev.lifeboat..").and(DescribedPredicate.not(in(EXPORTER))))
            .because("an exporter is a whole program without the agent"));
  }

  @Test
  void packages_have_no_cycles() {
    check(
        slices()
            .matching("dev.lifeboat.(*)..")
            .should()
            .beFreeOfCycles()
            .because("a package is read after those it stands on, never before"));
  }

  @Test
  void time_is_given_never_taken() {
    check(
        noClasses()
            .that(
                resideInAPackage("dev.lifeboat..")
                    .and(DescribedPredicate.not(in("dev.lifeboat.cli.."))))
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .because("a clock that steps back is tested with a clock of the test's own"));
  }

  @Test
  void only_the_command_line_prints() {
    check(
        noClasses()
            .that(
                resideInAPackage("dev.lifeboat..")
                    .and(DescribedPredicate.not(in("dev.lifeboat.cli.."))))
            .should()
            .accessField(System.class, "out")
            .because("the daemon's words are log lines, one an event"));
  }

  @Test
  void nothing_throws_a_nameless_exception() {
    check(
        noClasses()
            .should()
            .callConstructorWhere(
                describe(
                    "makes a plain RuntimeException or Exception",
                    call ->
                        (call.getTargetOwner().isEquivalentTo(RuntimeException.class)
                                || call.getTargetOwner().isEquivalentTo(Exception.class))
                            && !call.getOriginOwner().isAssignableTo(Exception.class)))
            .because("every failure has a reason that a metric and an exit code can name"));
  }

  private static DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> in(
      String... packages) {
    return resideInAnyPackage(packages);
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
