package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.X509;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CertificateCollectorTest {
  @Test
  void of_a_chain_the_one_that_ends_first_counts() {
    X509 early = X509.authority("early");
    X509 late = X509.authority("late");
    var collector = collector(() -> List.of(late.certificate(), early.certificate()), true);

    collector.look();

    Instant first = Stream.of(early, late).map(X509::end).min(Instant::compareTo).orElseThrow();
    assertEquals(
        List.of(
            "vault_certificate_not_after_timestamp_seconds{certificate=\"api\"} "
                + (double) first.getEpochSecond()),
        Lines.of(collector));
  }

  @Test
  void a_node_that_answers_and_shows_none_is_a_problem_and_one_that_is_down_is_not() {
    AtomicBoolean answers = new AtomicBoolean(true);
    var collector =
        new CertificateCollector(
            List.of(new CertificateCollector.Source("api", CertificateCollectorTest::silent)),
            answers::get);

    collector.look();
    assertEquals(List.of("https://node:8200 shows no certificate"), collector.problems());

    answers.set(false);
    collector.look();
    assertEquals(List.of(), collector.problems());
    assertEquals(List.of(), Lines.of(collector));
  }

  @Test
  void plain_http_has_none_and_that_is_no_problem() {
    var collector = collector(List::of, true);

    collector.look();

    assertEquals(List.of(), collector.problems());
    assertEquals(List.of(), Lines.of(collector));
  }

  private static List<X509Certificate> silent() {
    throw new VaultException(Reason.TLS, "https://node:8200 shows no certificate");
  }

  private static CertificateCollector collector(
      Supplier<List<X509Certificate>> chain, boolean answers) {
    return new CertificateCollector(
        List.of(new CertificateCollector.Source("api", chain)), () -> answers);
  }
}
