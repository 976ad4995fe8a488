import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.storm.LocalCluster;
import org.apache.storm.generated.KillOptions;
import org.apache.storm.generated.StormTopology;
import org.apache.storm.utils.Utils;

/**
 * A topology in a LocalCluster: NAME TOPOLOGY CONF SECONDS. TOPOLOGY is a file with a StormTopology in Thrift's binary
 * protocol, CONF one with a JSON object. The topology runs for so many seconds, 0 is for ever, or until stdin ends.
 *
 * <p>The JDK's launcher runs this file as it is, with the jars of Storm 2 on its class path. Lines for the program that
 * has started it have a label, as those of streamparse/command.clj.
 */
public class RunTopology {
    private static final int MOST_SECONDS_TO_STOP = 20;

    public static void main(String[] arguments) {
        try {
            run(arguments[0], Path.of(arguments[1]), Path.of(arguments[2]), Integer.parseInt(arguments[3]));
            System.exit(0);
        } catch (Throwable error) {
            error.printStackTrace();
            System.out.println("error: " + message(error));
            System.exit(1);
        }
    }

    private static void run(String name, Path topologyFile, Path confFile, int seconds) throws Exception {
        StormTopology topology = Utils.thriftDeserialize(StormTopology.class, Files.readAllBytes(topologyFile));
        Map<String, Object> conf = Utils.parseJson(Files.readString(confFile));
        step("starting", name);
        LocalCluster cluster = new LocalCluster();
        cluster.submitTopology(name, conf, topology);
        step("running", name);
        try {
            waitFor(seconds);
        } finally {
            stop(cluster, name);
        }
    }

    private static void waitFor(int seconds) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        daemon(() -> {
            readToEnd();
            over.countDown();
        });
        if (seconds > 0) {
            daemon(() -> {
                Thread.sleep(1000L * seconds);
                over.countDown();
            });
        }
        over.await();
    }

    /** Returns when stdin ends: the program that has started this has closed it, or died. */
    private static void readToEnd() throws IOException {
        byte[] ignored = new byte[1024];
        while (System.in.read(ignored) >= 0) {
            continue;
        }
    }

    private static void stop(LocalCluster cluster, String name) throws Exception {
        // A LocalCluster does not always come to an end.
        daemon(() -> {
            Thread.sleep(1000L * MOST_SECONDS_TO_STOP);
            Runtime.getRuntime().halt(0);
        });
        step("stopping", name);
        KillOptions options = new KillOptions();
        options.set_wait_secs(0);
        cluster.killTopologyWithOpts(name, options);
        cluster.close();
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void daemon(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Exception error) {
                error.printStackTrace();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void step(String word, String name) {
        System.out.println("step: " + word + " " + name);
    }

    /** The message of an exception, on one line; Thrift's have it in a field of their own. */
    private static String message(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage();
        try {
            text = String.valueOf(cause.getClass().getMethod("get_msg").invoke(cause));
        } catch (ReflectiveOperationException none) {
            // It has no such field.
        }
        return text == null || text.isBlank() ? cause.getClass().getSimpleName() : text.replaceAll("\\s*\\R\\s*", " ");
    }
}
