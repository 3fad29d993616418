package dev.lifeboat.cli;

import dev.lifeboat.backup.Progress;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Tells a meter how many bytes went through.
final class CountedOutput extends FilterOutputStream {
  private final Progress progress;
  private final String stage;
  private long bytes;

  CountedOutput(OutputStream out, Progress progress, String stage) {
    super(out);
    this.progress = progress;
    this.stage = stage;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
    bytes++;
  }

  @Override
  public void write(byte[] block, int offset, int length) throws IOException {
    out.write(block, offset, length);
    bytes += length;
    progress.at(stage, bytes);
  }
}
