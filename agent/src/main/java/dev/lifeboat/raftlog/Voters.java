package dev.lifeboat.raftlog;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// Whom a server that does not run takes for voters: the configuration of raft as it applied it
/// last, `vault.db`, bucket `config`, key `latest_config`.
public final class Voters {
  /*
   * Protocol Buffers, the same on both products:
   *
   *   message ConfigurationValue { uint64 index = 1; repeated Server servers = 2; }
   *   message Server { int32 suffrage = 1; string id = 2; string address = 3; }
   *
   * Suffrage 0, which is not written, is a voter.
   */
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int SERVERS = 2;
  private static final int SUFFRAGE = 1;
  private static final int ID = 2;
  private static final int ADDRESS = 3;

  private Voters() {}

  /// Address by node id; empty when the file does not say.
  ///
  /// @param applied `vault.db` below its storage folder
  public static Map<String, String> of(Pages applied) throws InterruptedException {
    byte[] message = Bolt.open(applied).get("config", "latest_config").orElse(new byte[0]);
    Map<String, String> voters = new TreeMap<>();
    try {
      ByteBuffer in = ByteBuffer.wrap(message);
      while (in.hasRemaining()) {
        long tag = LastEntry.varint(in);
        if ((tag & 7) == BYTES && tag >> 3 == SERVERS) {
          add(ByteBuffer.wrap(bytes(in)), voters);
        } else {
          skip(in, tag);
        }
      }
    } catch (BufferUnderflowException e) {
      throw new RaftLogException("latest_config is cut", e);
    }
    return voters;
  }

  private static void add(ByteBuffer in, Map<String, String> voters) {
    String id = "";
    String address = "";
    boolean voter = true;
    while (in.hasRemaining()) {
      long tag = LastEntry.varint(in);
      if ((tag & 7) == BYTES && tag >> 3 == ID) {
        id = new String(bytes(in), StandardCharsets.UTF_8);
      } else if ((tag & 7) == BYTES && tag >> 3 == ADDRESS) {
        address = new String(bytes(in), StandardCharsets.UTF_8);
      } else if ((tag & 7) == VARINT && tag >> 3 == SUFFRAGE) {
        voter = LastEntry.varint(in) == 0;
      } else {
        skip(in, tag);
      }
    }
    if (voter) {
      voters.put(id, address);
    }
  }

  private static byte[] bytes(ByteBuffer in) {
    long length = LastEntry.varint(in);
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  private static void skip(ByteBuffer in, long tag) {
    switch ((int) (tag & 7)) {
      case VARINT -> {
        long ignored = LastEntry.varint(in);
      }
      case BYTES -> {
        byte[] ignored = bytes(in);
      }
      default -> throw new RaftLogException("latest_config is not what it was");
    }
  }
}
