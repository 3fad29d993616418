/// AWS Secrets Manager, as a place for shares of an unseal key.
@NullMarked
package dev.lifeboat.secretsmanager;

import org.jspecify.annotations.NullMarked;
