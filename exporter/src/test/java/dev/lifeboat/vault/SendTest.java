package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is sent as a stream: a snapshot that is to be restored.
class SendTest {
  private static final Secret TOKEN = new Secret("s.token");
  private static final String PATH = "sys/storage/raft/snapshot-force";
  private static final Duration BOUND = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final FakeVault fake = FakeVault.open();
  private final FakeVault peer = FakeVault.open();
  private final List<String> observed = Collections.synchronizedList(new ArrayList<>());
  private final VaultClient client =
      VaultClient.open(
          new VaultConfig(
              fake.address(),
              List.of(peer.address()),
              0,
              Optional.of("team-a/"),
              VaultConfig.Tls.DEFAULT,
              new VaultConfig.Auth.None(),
              Duration.ofSeconds(1),
              Duration.ofMillis(100)),
          (endpoint, outcome, took) -> observed.add(endpoint + " " + outcome));

  @AfterEach
  void close() {
    client.close();
    peer.close();
    fake.close();
  }

  private int send(Duration bound) throws InterruptedException {
    return client.own().send(PATH, TOKEN, BodyPublishers.ofString("archive"), bound);
  }

  private Reason refusal(Duration bound) {
    return assertThrows(VaultException.class, () -> send(bound)).reason();
  }

  @Test
  void a_file_of_any_length_arrives_whole_and_once() throws Exception {
    String text = "0123456789".repeat(700_000);
    Path file = Files.writeString(folder.resolve("snapshot"), text);
    fake.on(PATH, Reply.body(204, "text/plain", new byte[0]));

    int answer = client.own().send(PATH, TOKEN, BodyPublishers.ofFile(file), BOUND);

    assertEquals(204, answer);
    FakeVault.Request request = fake.requests(PATH).getFirst();
    assertEquals("POST", request.method());
    assertEquals(TOKEN.reveal(), request.token());
    assertEquals("", request.namespace(), "the root's own");
    assertEquals(text, request.body());
    assertEquals(1, fake.requests().size());
    assertEquals(List.of("write 204"), observed);
  }

  @Test
  void it_may_take_longer_than_any_other_request() throws Exception {
    fake.script(
        PATH,
        _ ->
            wire -> {
              // Longer than the bound of the client's other requests.
              assertFalse(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS));
              Reply.body(204, "text/plain", new byte[0]).write(wire);
            });

    assertEquals(204, send(BOUND));
  }

  @Test
  void no_redirect_is_followed_not_even_to_a_known_peer() {
    fake.on(PATH, Reply.redirect(307, peer.address() + "/v1/" + PATH));

    assertEquals(Reason.REDIRECT_REFUSED, refusal(BOUND));
    assertEquals(List.of(), peer.requests());
  }

  @ParameterizedTest
  @CsvSource({"400, REFUSED", "403, DENIED", "404, NOT_FOUND", "500, SERVER_ERROR"})
  void what_a_server_answers_instead_has_its_reason(int status, Reason reason) {
    fake.on(PATH, Reply.json(status, "{\"errors\":[\"could not verify hash file\"]}"));

    assertEquals(reason, refusal(BOUND));
    assertEquals(List.of("write " + status), observed);
  }

  @Test
  void an_answer_that_does_not_come_is_not_waited_for_beyond_the_bound() {
    fake.on(PATH, Reply.hang());
    assertEquals(Reason.TIMEOUT, refusal(Duration.ofMillis(300)));

    fake.on(PATH, Reply.cut());
    assertEquals(Reason.UNREACHABLE, refusal(BOUND));
  }

  @Test
  void a_file_that_is_gone_is_not_sent() throws IOException {
    Path file = Files.writeString(folder.resolve("snapshot"), "archive");
    var body = BodyPublishers.ofFile(file);
    Files.delete(file);

    assertThrows(VaultException.class, () -> client.own().send(PATH, TOKEN, body, BOUND));
    assertTrue(fake.requests(PATH).stream().allMatch(request -> request.body().isEmpty()));
  }

  @Test
  void an_interrupt_ends_it() throws Exception {
    CountDownLatch came = new CountDownLatch(1);
    fake.script(
        PATH,
        _ -> {
          came.countDown();
          return Reply.hang();
        });
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread sender =
        Thread.ofVirtual()
            .start(() -> end.set(assertThrows(InterruptedException.class, () -> send(BOUND))));
    came.await();

    sender.interrupt();
    sender.join();

    assertInstanceOf(InterruptedException.class, end.get());
  }
}
