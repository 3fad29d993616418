package dev.lifeboat.unseal;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Which key an auto-unseal uses, read from the `seal` stanza of the server's configuration:
/// neither product's API tells. Names, regions and addresses only; what may be a secret is not
/// taken.
public final class SealStanza {
  private static final Pattern STANZA =
      Pattern.compile("(?m)^\\s*seal\\s+\"([a-z0-9_]+)\"\\s*\\{([^}]*)}");
  private static final Pattern SETTING =
      Pattern.compile("(?m)^\\s*([a-z_]+)\\s*=\\s*\"([^\"]{0,300})\"");
  private static final Set<String> TAKEN =
      Set.of(
          "kms_key_id",
          "key_name",
          "mount_path",
          "current_key_id",
          "previous_key_id",
          "key_id",
          "region",
          "endpoint",
          "address",
          "vault_name",
          "project",
          "key_ring",
          "crypto_key",
          "key_label",
          "slot",
          "tls_ca_cert");

  /// A name as well when it is one of a file; the key itself when not.
  private static final String STATIC_KEY = "current_key";

  private SealStanza() {}

  /// The first that any of the files has.
  public static Optional<ObjectNode> in(Collection<byte[]> files) {
    for (byte[] file : files) {
      Matcher stanza = STANZA.matcher(new String(file, StandardCharsets.UTF_8));
      if (stanza.find()) {
        ObjectNode key = JsonNodeFactory.instance.objectNode().put("seal", stanza.group(1));
        Matcher setting = SETTING.matcher(stanza.group(2));
        while (setting.find()) {
          boolean named =
              setting.group(1).equals(STATIC_KEY) && setting.group(2).startsWith("file://");
          if (named || TAKEN.contains(setting.group(1))) {
            key.put(setting.group(1), setting.group(2));
          }
        }
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }
}
