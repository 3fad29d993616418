package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.machine.Machine;
import dev.lifeboat.machine.MachineConfig;
import dev.lifeboat.machine.MachineContract;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.machine.MachineException.Reason;
import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.ssh.SshLogin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every machine does, against OpenSSH's server, and what only a server and a network can do.
class MachineTest implements MachineContract {
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  @TempDir Path work;
  private Sshd sshd;

  @BeforeEach
  void start() {
    sshd = Sshd.startForCommands(work.resolve("sshd"));
  }

  @AfterEach
  void stop() {
    sshd.close();
  }

  @Override
  public Machine open() {
    return open(sshd.login());
  }

  private static Machine open(SshLogin login) {
    return new MachineConfig(Optional.of(login), List.of()).open();
  }

  private SshLogin login(int port, HostKey hostKey, Path key, Duration stall) {
    SshLogin login = sshd.login();
    return new SshLogin(
        login.host(),
        port,
        login.user(),
        hostKey,
        key,
        Optional.empty(),
        Optional.empty(),
        login.connectTimeout(),
        stall);
  }

  private SshLogin through(TcpProxy proxy) {
    return login(proxy.port(), sshd.login().hostKey(), sshd.privateKey(), Duration.ofSeconds(3));
  }

  private static MachineException refused(Machine machine) {
    return assertThrows(MachineException.class, () -> machine.run(List.of("true"), NOTHING, LONG));
  }

  private CompletableFuture<Machine.Ran> begin(Machine machine) {
    Path begun = work.resolve("begun");
    var run =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return machine.run(
                    List.of("sh", "-c", "touch %s; exec sleep 300".formatted(begun)),
                    NOTHING,
                    Duration.ofMinutes(5));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Await.until("the command to begin", PATIENCE, () -> Files.exists(begun));
    return run;
  }

  private static void isUnknown(CompletableFuture<Machine.Ran> run) {
    var broken =
        assertThrows(
            ExecutionException.class, () -> run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    var unknown = assertInstanceOf(MachineException.class, broken.getCause());
    assertEquals(Reason.UNREACHABLE, unknown.reason());
    MachineContract.assertSays("it is not known whether", unknown);
  }

  @Test
  void a_signal_is_a_code() throws Exception {
    try (Machine machine = open()) {
      assertEquals(137, machine.run(List.of("sh", "-c", "kill -9 $$"), NOTHING, LONG).exit());
      assertEquals(143, machine.run(List.of("sh", "-c", "kill $$"), NOTHING, LONG).exit());
    }
  }

  @Test
  void a_server_that_dies_amid_a_command_leaves_it_unknown_and_one_that_is_back_is_used()
      throws Exception {
    try (Machine machine = open()) {
      var run = begin(machine);
      sshd.kill();

      isUnknown(run);
      assertEquals(Reason.UNREACHABLE, refused(machine).reason());
      sshd.restart();
      assertTrue(machine.run(List.of("true"), NOTHING, LONG).good());
    }
  }

  @Test
  void a_network_that_forgets_a_command_is_found_out_by_the_stall_timeout() throws Exception {
    try (var proxy = TcpProxy.before(sshd.port());
        Machine machine = open(through(proxy))) {
      var run = begin(machine);
      proxy.silence();

      assertTimeout(PATIENCE, () -> isUnknown(run));
    }
  }

  @Test
  void a_command_may_be_silent_for_longer_than_the_stall_timeout() throws Exception {
    try (var proxy = TcpProxy.before(sshd.port());
        Machine machine = open(through(proxy))) {
      assertEquals(
          "awake", machine.run(List.of("sh", "-c", "sleep 7; echo awake"), NOTHING, LONG).text());
    }
  }

  @Test
  void one_connection_serves_many_commands_and_a_cut_one_is_made_again() throws Exception {
    try (var proxy = TcpProxy.before(sshd.port());
        Machine machine = open(through(proxy))) {
      for (int i = 0; i < 3; i++) {
        assertTrue(machine.run(List.of("true"), NOTHING, LONG).good());
      }
      assertEquals(1, proxy.connections());
      proxy.cutNow();

      assertTrue(machine.run(List.of("true"), NOTHING, LONG).good());
      assertEquals(2, proxy.connections());
    }
  }

  @Test
  void a_wrong_host_key_is_refused() throws Exception {
    Path other = work.resolve("other");
    Sshd.keygen("-q", "-t", "ed25519", "-N", "", "-f", other.toString());
    String line = Files.readString(work.resolve("other.pub")).strip();
    SshLogin login =
        login(sshd.port(), new HostKey.Pinned(line), sshd.privateKey(), Duration.ofSeconds(5));
    try (Machine machine = open(login)) {
      MachineException denied = refused(machine);

      assertEquals(Reason.DENIED, denied.reason());
      MachineContract.assertSays("has changed", denied);
    }
  }

  @Test
  void a_wrong_login_is_refused() throws Exception {
    Path other = work.resolve("other");
    Sshd.keygen("-q", "-t", "ed25519", "-N", "", "-f", other.toString());
    SshLogin login = login(sshd.port(), sshd.login().hostKey(), other, Duration.ofSeconds(5));
    try (Machine machine = open(login)) {
      MachineException denied = refused(machine);

      assertEquals(Reason.DENIED, denied.reason());
      MachineContract.assertSays("refused the login", denied);
    }
  }

  @Test
  void a_silent_child_that_holds_the_output_is_not_waited_for() throws Exception {
    var command = List.of("sh", "-c", "sleep 20 & echo on");
    try (Machine machine = open()) {
      assertTimeout(SOON, () -> assertEquals("on", machine.run(command, NOTHING, LONG).text()));
    }
  }

  @Test
  void a_word_before_every_command_runs_it() throws Exception {
    var config = new MachineConfig(Optional.of(sshd.login()), List.of("env", "A=a  b"));
    try (Machine machine = config.open()) {
      assertEquals("a  b", machine.run(List.of("sh", "-c", "echo \"$A\""), NOTHING, LONG).text());
    }
  }
}
