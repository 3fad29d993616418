package dev.lifeboat.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.machine.MachineException.Reason;
import dev.lifeboat.ssh.TestSshd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshMachineTest implements MachineContract {
  @TempDir Path work;
  private TestSshd sshd;

  @BeforeEach
  void start() {
    sshd = TestSshd.start(work);
  }

  @AfterEach
  void stop() {
    sshd.close();
  }

  @Override
  public Machine open() {
    return new SshMachine(sshd.login());
  }

  private static MachineException refused(Machine machine) {
    return assertThrows(MachineException.class, () -> machine.run(List.of("true"), NOTHING, LONG));
  }

  @Test
  void a_login_that_is_refused_is_denied() throws Exception {
    Path other = TestSshd.privateKey(work.resolve("other"), TestSshd.pair("Ed25519"));
    try (Machine machine = new SshMachine(sshd.login(sshd.login().hostKey(), other))) {
      MachineException denied = refused(machine);

      assertEquals(Reason.DENIED, denied.reason());
      MachineContract.assertSays("cannot log in at root@127.0.0.1:", denied);
    }
  }

  @Test
  void where_nobody_serves_nothing_was_run() throws Exception {
    try (Machine machine = open()) {
      assertTrue(machine.run(List.of("true"), NOTHING, LONG).good());
      sshd.close();
      MachineException unreachable = refused(machine);

      assertEquals(Reason.UNREACHABLE, unreachable.reason());
      MachineContract.assertSays("so 'true' was not run", unreachable);
    }
  }

  @Test
  void a_connection_that_breaks_amid_a_command_leaves_it_unknown() throws Exception {
    Path begun = work.resolve("begun");
    try (Machine machine = open()) {
      var run =
          CompletableFuture.runAsync(
              () -> {
                try {
                  machine.run(
                      List.of("sh", "-c", "touch %s; exec sleep 300".formatted(begun)),
                      NOTHING,
                      LONG);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      while (!Files.exists(begun)) {
        Thread.onSpinWait();
      }
      sshd.close();

      var broken =
          assertThrows(ExecutionException.class, () -> run.get(SOON.toSeconds(), TimeUnit.SECONDS));
      var unknown = assertInstanceOf(MachineException.class, broken.getCause());
      assertEquals(Reason.UNREACHABLE, unknown.reason());
      MachineContract.assertSays("it is not known whether", unknown);
    }
  }

  @Test
  void a_closed_machine_is_used_no_more() {
    Machine machine = open();
    machine.close();

    assertThrows(IllegalStateException.class, () -> machine.run(List.of("true"), NOTHING, LONG));
  }
}
