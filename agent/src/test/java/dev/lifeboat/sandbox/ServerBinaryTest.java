package dev.lifeboat.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.sandbox.SandboxException.Reason;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerBinaryTest {
  @TempDir Path folder;

  @Test
  void openbao_says_what_it_is() throws IOException {
    var path = program("echo 'OpenBao v2.7.2 (9e0a0d3c), committed 2026-10-26T20:32:27Z'");

    assertEquals(new ServerBinary(path, Product.OPENBAO, "2.7.2"), ServerBinary.detect(path));
  }

  @Test
  void vault_says_what_it_is() throws IOException {
    var path = program("echo 'Vault v1.21.0, built 2025-11-22T10:11:51Z'");

    assertEquals(new ServerBinary(path, Product.VAULT, "1.21.0"), ServerBinary.detect(path));
  }

  @Test
  void an_enterprise_version_is_kept_whole() throws IOException {
    var path = program("echo 'Vault v1.21.0+ent.hsm (abc), built today'");

    assertEquals("1.21.0+ent.hsm", ServerBinary.detect(path).version());
  }

  @Test
  void another_program_is_refused() throws IOException {
    refused(program("echo 'Consul v1.20.0'"), "neither 'OpenBao v…' nor 'Vault v…'");
  }

  @Test
  void a_program_that_prints_without_end_is_refused() throws IOException {
    refused(program("head -c 5000 /dev/zero"), "neither");
  }

  @Test
  void a_file_that_is_not_there_is_refused() {
    refused(folder.resolve("missing"), "cannot be run");
  }

  private static void refused(Path path, String why) {
    var failure = assertThrows(SandboxException.class, () -> ServerBinary.detect(path));

    assertEquals(Reason.PROGRAM, failure.reason());
    assertTrue(String.valueOf(failure.getMessage()).contains(why), failure.getMessage());
    assertTrue(String.valueOf(failure.getMessage()).contains("hint: "), failure.getMessage());
  }

  private Path program(String line) throws IOException {
    var file = folder.resolve("program");
    Files.writeString(file, "#!/bin/sh\n[ \"$1\" = version ] || exit 1\n" + line + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
