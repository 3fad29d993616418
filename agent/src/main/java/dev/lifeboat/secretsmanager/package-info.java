/// AWS Secrets Manager, as a place from which shares of an unseal key are read.
@NullMarked
package dev.lifeboat.secretsmanager;

import org.jspecify.annotations.NullMarked;
