package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab dashboards`: writes the dashboards of the tree anew.
@Command(
    name = "dashboards",
    mixinStandardHelpOptions = true,
    description = {
      "Write grafana-dashboards/*.json from their source; with --pictures also docs/images, from",
      "what a real Prometheus answers about two bad minutes of a real cluster."
    })
public final class DashboardsCommand implements Callable<Integer> {
  @Option(names = "--pictures", description = "Draw the pictures too; about three minutes.")
  private boolean pictures;

  @Override
  public Integer call() {
    Dashboards.write(Dashboards.folder());
    System.out.println("wrote " + Dashboards.all().size() + " dashboards");
    if (!pictures) {
      return 0;
    }
    try (var _ = CtrlC.interruptsThisThread();
        var place = Workplace.open("scene");
        var scene = Scene.open(place.folder())) {
      scene.play();
      var asked = new Asked(scene.prometheus(), scene.begun(), scene.worst());
      Picture.write(asked, Checkout.root().resolve("docs/images"));
      System.out.println("drew " + Dashboards.all().size() + " pictures");
      return 0;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
