package dev.lifeboat.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The one configuration file: read once, laid over `reference.conf`, complete and right or not at
/// all.
public final class ConfigFile {
  private static final long LIMIT_BYTES = 1 << 20;

  private ConfigFile() {}

  /// What `root` makes of the file; [ConfigException] with every problem, in the order of their
  /// lines, when there is any.
  ///
  /// @param referenceHocon the defaults: every key that has one
  /// @param environment for `{ env = … }` and `{ credential = … }`; nothing else reads it
  public static <T> T read(
      Path file,
      String referenceHocon,
      Map<String, String> environment,
      Function<Section, T> root) {
    ConfigObject reference = parse("reference.conf", referenceHocon).root();
    Config user = user(file);
    Config resolved;
    try {
      Config merged = user.withFallback(reference).resolve(ConfigResolveOptions.noSystem());
      resolved = user.resolveWith(merged, ConfigResolveOptions.noSystem());
    } catch (com.typesafe.config.ConfigException wrong) {
      throw unparsable(file, wrong);
    }
    var problems = new ProblemList(file.toString());
    var section = HoconSection.root(resolved.root(), reference, environment, problems);
    T result = null;
    try {
      result = root.apply(section);
    } catch (RuntimeException broken) {
      // A placeholder may be refused by the record it went into; the mistake itself is known.
      if (problems.isEmpty()) {
        throw broken;
      }
    }
    section.finish();
    if (!problems.isEmpty() || result == null) {
      throw new ConfigException(problems.sorted());
    }
    return result;
  }

  /// Every problem as a person reads it, hints beneath, the count last; ends with a line end.
  public static String render(ConfigException exception) {
    var text = new StringBuilder();
    for (Problem problem : exception.problems()) {
      text.append(problem.origin()).append(": ");
      if (!problem.key().isEmpty()) {
        text.append(problem.key()).append(": ");
      }
      text.append(problem.message()).append('\n');
      if (!problem.hint().isEmpty()) {
        text.append("  hint: ").append(problem.hint()).append('\n');
      }
    }
    return text.append(ConfigException.count(exception.problems()))
        .append("; ")
        .append(exception.ending())
        .append('\n')
        .toString();
  }

  private static Config user(Path file) {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw only(file, "is a folder", "name the file in it");
      }
      if (Files.size(file) > LIMIT_BYTES) {
        throw only(file, "is larger than 1 MiB", "this is no configuration file");
      }
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException missing) {
      throw only(file, "no such file", "name the configuration with --config FILE");
    } catch (AccessDeniedException denied) {
      throw only(file, "may not be read", "it must be readable by the user that lifeboat runs as");
    } catch (IOException failed) {
      throw only(file, "cannot be read: " + failed.getMessage(), "it must be text in UTF-8");
    }
    try {
      return parse(file.toString(), text);
    } catch (com.typesafe.config.ConfigException.BadValue include) {
      // It carries no line: the parser does not tell the includer where it stands.
      long line = text.lines().takeWhile(l -> !l.strip().startsWith("include")).count() + 1;
      throw new ConfigException(List.of(SyntaxText.problem(file + ":" + line, include)));
    } catch (com.typesafe.config.ConfigException wrong) {
      throw unparsable(file, wrong);
    }
  }

  private static Config parse(String name, String text) {
    return ConfigFactory.parseString(
        text,
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(name)
            .setIncluder(new NoIncludes()));
  }

  private static ConfigException only(Path file, String message, String hint) {
    return new ConfigException(List.of(new Problem(file.toString(), "", message, hint)));
  }

  private static ConfigException unparsable(Path file, com.typesafe.config.ConfigException wrong) {
    int line = wrong.origin() == null ? -1 : wrong.origin().lineNumber();
    String origin = line > 0 ? file + ":" + line : file.toString();
    return new ConfigException(List.of(SyntaxText.problem(origin, wrong)));
  }

  /// An include would let a second file decide, unseen, what this one means.
  private static final class NoIncludes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw new com.typesafe.config.ConfigException.BadValue(what, SyntaxText.NO_INCLUDES);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return include(context, what.toString());
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      return include(context, what.toString());
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      return include(context, what);
    }
  }
}
