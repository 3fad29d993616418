package dev.lifeboat.raftlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages as the servers write them; their own files are read in `lab`.
class VotersTest {
  private static Map<String, String> voters(byte[] config) throws InterruptedException {
    BoltFile bolt = new BoltFile(Pages.BYTES);
    byte[] name = "latest_config".getBytes(StandardCharsets.UTF_8);
    byte[] file =
        bolt.finish(
            bolt.leaf(List.of(BoltFile.inline("config", List.of(BoltFile.item(name, config))))));
    return Voters.of(
        (first, count) -> {
          int from = (int) Math.min(first * Pages.BYTES, file.length);
          return Arrays.copyOfRange(file, from, Math.min(file.length, from + count * Pages.BYTES));
        });
  }

  private static byte[] bytes(int field, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(field << 3 | 2);
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] server(String id, String address, int suffrage) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (suffrage > 0) {
      out.write(1 << 3);
      out.write(suffrage);
    }
    out.writeBytes(bytes(2, id.getBytes(StandardCharsets.UTF_8)));
    out.writeBytes(bytes(3, address.getBytes(StandardCharsets.UTF_8)));
    // A field of a later version.
    out.writeBytes(bytes(9, new byte[3]));
    return bytes(2, out.toByteArray());
  }

  @Test
  void those_that_vote_are_told_with_their_addresses() throws Exception {
    ByteArrayOutputStream config = new ByteArrayOutputStream();
    config.write(1 << 3);
    config.write(57);
    config.writeBytes(server("node-1", "10.0.0.1:8201", 0));
    config.writeBytes(server("node-2", "10.0.0.2:8201", 1));
    config.writeBytes(server("node-3", "10.0.0.3:8201", 0));

    assertEquals(
        Map.of("node-1", "10.0.0.1:8201", "node-3", "10.0.0.3:8201"), voters(config.toByteArray()));
  }

  @Test
  void a_file_that_says_nothing_names_none() throws Exception {
    assertEquals(Map.of(), voters(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"12506162", "12", "120312096100", "0d01"})
  void what_is_cut_or_something_else_is_said(String config) {
    assertThrows(RaftLogException.class, () -> voters(HexFormat.of().parseHex(config)));
  }
}
