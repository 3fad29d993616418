package dev.lifeboat.rekey;

import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Where new shares go. They have to be there, durably, before they are verified: from then on
/// nothing else opens the cluster.
public interface Keeping {
  /// For the plan, and the same in every run with the same options.
  String words();

  /// To which the server encrypts the shares, Base64, in their order; none: it gives them as they
  /// are.
  default List<String> pgpKeys() {
    return List.of();
  }

  /// Whether they may be verified although nobody has read them back.
  default boolean unseen() {
    return false;
  }

  /// Returns when they are durable. Never overwrites anything.
  ///
  /// @param before is told each place before something is put there
  /// @return where they are
  String keep(NewShares shares, Consumer<String> before);

  /// As many of them as can be read back here; empty when they do not suffice.
  ///
  /// @param place what [#keep] returned, perhaps to a process before this one
  Optional<List<Share>> readBack(String place, int threshold) throws InterruptedException;
}
