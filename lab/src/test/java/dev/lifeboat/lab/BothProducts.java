package dev.lifeboat.lab;

import dev.lifeboat.vault.Product;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// Once with OpenBao, once with HashiCorp Vault.
@Retention(RetentionPolicy.RUNTIME)
@EnumSource(value = Product.class, mode = Mode.EXCLUDE, names = "UNKNOWN")
@interface BothProducts {}
