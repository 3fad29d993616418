package dev.lifeboat.vault;

/// Which of the two servers answers. Lower-case names are label and manifest values.
public enum Product {
  OPENBAO,
  VAULT,
  UNKNOWN
}
