package dev.lifeboat.keys;

/// The 32 bytes that encrypt one backup. Never stored unwrapped, never printed.
public final class DataKey {
  private DataKey() {}

  public static DataKey generate() {
    throw new UnsupportedOperationException("skeleton");
  }

  public static DataKey of(byte[] raw) {
    throw new UnsupportedOperationException("skeleton");
  }

  public byte[] revealBytes() {
    throw new UnsupportedOperationException("skeleton");
  }
}
