"""The configuration keys of Storm, in any version from 0.9.3 to 3.0, and constants for those that rules depend on.

Storm drops these keys from a component's own ``:conf``, except for a few (``handshake.OWN_KEYS``), and passes every
other key to the component.

Sources: the configurations that Storm 0.9.4, 0.10.2, 1.2.4 and 2.8.3 sent to their components, and the constants of
``Config.java`` that have no default; those of v2.8.8 and of 3.0.0-SNAPSHOT from ``Config.java`` and
``DaemonConfig.java``.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ACKER_EXECUTORS",
    "BACKPRESSURE_ENABLE",
    "DEBUG",
    "DISABLE_LOADAWARE_MESSAGING",
    "ENABLE_MESSAGE_TIMEOUTS",
    "ENVIRONMENT",
    "EVENTLOGGER_EXECUTORS",
    "EXECUTOR_RECEIVE_BUFFER_SIZE",
    "MAX_SPOUT_PENDING",
    "MAX_TASK_PARALLELISM",
    "MESSAGE_TIMEOUT_SECS",
    "PYTHON_PATH",
    "SHELLBOLT_MAX_PENDING",
    "SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS",
    "STORM_KEYS",
    "SUBPROCESS_TIMEOUT_SECS",
    "SUPERVISOR_WORKER_TIMEOUT_SECS",
    "TASKS",
    "TICK_TUPLE_FREQ_SECS",
    "WORKERS",
]

# Named as in Config.java, without TOPOLOGY_.
ACKER_EXECUTORS: Final = "topology.acker.executors"
BACKPRESSURE_ENABLE: Final = "topology.backpressure.enable"
DEBUG: Final = "topology.debug"
DISABLE_LOADAWARE_MESSAGING: Final = "topology.disable.loadaware.messaging"
ENABLE_MESSAGE_TIMEOUTS: Final = "topology.enable.message.timeouts"
ENVIRONMENT: Final = "topology.environment"
EVENTLOGGER_EXECUTORS: Final = "topology.eventlogger.executors"
EXECUTOR_RECEIVE_BUFFER_SIZE: Final = "topology.executor.receive.buffer.size"
MAX_SPOUT_PENDING: Final = "topology.max.spout.pending"
MAX_TASK_PARALLELISM: Final = "topology.max.task.parallelism"
MESSAGE_TIMEOUT_SECS: Final = "topology.message.timeout.secs"
SHELLBOLT_MAX_PENDING: Final = "topology.shellbolt.max.pending"
SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS: Final = "topology.sleep.spout.wait.strategy.time.ms"
SUBPROCESS_TIMEOUT_SECS: Final = "topology.subprocess.timeout.secs"
SUPERVISOR_WORKER_TIMEOUT_SECS: Final = "supervisor.worker.timeout.secs"
TASKS: Final = "topology.tasks"
TICK_TUPLE_FREQ_SECS: Final = "topology.tick.tuple.freq.secs"
WORKERS: Final = "topology.workers"

#: streamparse's own key, the interpreter of the components; Storm does not know it.
PYTHON_PATH: Final = "topology.python.path"

_BY_FIRST_WORD = {  # the first word of the keys, and what follows it
    "backpressure": """
        disruptor.high.watermark disruptor.low.watermark znode.timeout.secs
        znode.update.freq.secs
    """,
    "blacklist": """
        scheduler.assume.supervisor.bad.based.on.bad.slot scheduler.reporter
        scheduler.resume.time.secs scheduler.strategy scheduler.tolerance.count
        scheduler.tolerance.time.secs
    """,
    "blobstore": """
        cleanup.enable dir hdfs.keytab hdfs.principal superuser
    """,
    "client": """
        blobstore.class
    """,
    "dev": """
        zookeeper.path
    """,
    "drpc": """
        authorizer.acl.filename authorizer.acl.strict childopts disable.http.binding
        http.creds.plugin http.filter http.filter.params http.port https.keystore.password
        https.keystore.type https.port invocations.port invocations.threads
        invocations.thrift.transport max_buffer_size port queue.size request.timeout.secs
        servers thrift.transport worker.threads
    """,
    "executor": """
        metrics.frequency.secs
    """,
    "isolation": """
        scheduler.machines
    """,
    "java": """
        library.path
    """,
    "logs": """
        users
    """,
    "logviewer": """
        appender.name childopts cleanup.age.mins disable.http.binding filter filter.params
        max.per.worker.logs.size.mb max.sum.worker.logs.size.mb port
    """,
    "multitenant": """
        scheduler.user.pools
    """,
    "nimbus": """
        admins admins.groups assignments.service.thread.queue.size
        assignments.service.threads autocredential.plugins.classes blobstore.class
        blobstore.expiration.secs childopts cleanup.inbox.freq.secs code.sync.freq.secs
        credential.renewers.classes credential.renewers.freq.secs daemon.users
        even.rebalance.idle.supervisor.enabled
        even.rebalance.idle.supervisor.min.stable.rounds
        even.rebalance.max.free.per.topology executors.perTopology file.copy.expiration.secs
        groups host impersonation.acl impersonation.authorizer inbox.jar.expiration.secs
        local.assignments.backend.class monitor.freq.secs queue.size reassign
        scheduler.strategy.class.whitelist seeds slots.perTopology supervisor.timeout.secs
        supervisor.users task.launch.secs task.timeout.secs thrift.client.use.tls
        thrift.max_buffer_size thrift.port thrift.threads thrift.tls.client.auth.required
        thrift.tls.max_buffer_size thrift.tls.port thrift.tls.threads thrift.tls.transport
        thrift.transport topology.blobstore.deletion.delay.ms topology.validator users
        worker.heartbeats.recovery.strategy.class
    """,
    "num": """
        stat.buckets
    """,
    "pacemaker": """
        auth.method base.threads childopts client.max.threads host kerberos.users
        max.threads port servers thread.timeout thrift.message.size.max
    """,
    "resource": """
        aware.scheduler.constraint.max.state.search aware.scheduler.eviction.strategy
        aware.scheduler.priority.strategy
    """,
    "scheduler": """
        display.resource
    """,
    "storm": """
        auth.simple-acl.admins auth.simple-acl.users auth.simple-acl.users.commands
        auth.simple-white-list.users blobstore.acl.validation.enabled
        blobstore.dependency.jar.upload.chunk.size.bytes
        blobstore.inputstream.buffer.size.bytes blobstore.replication.factor
        cgroup.cgexec.cmd cgroup.hierarchy.dir cgroup.hierarchy.name
        cgroup.inherit.cpuset.configs cgroup.memory.enforcement.enable
        cgroup.memory.limit.tolerance.margin.mb cgroup.resources
        cluster.metrics.consumer.publish.interval.secs cluster.mode cluster.state.store
        codedistributor.class compression.gzip.max.decompressed.bytes compression.zstd.level
        compression.zstd.max.decompressed.bytes daemon.metrics.reporter.interval.secs
        daemon.metrics.reporter.plugins disable.symlinks doAsUser exhibitor.poll.uripath
        exhibitor.port group.mapping.service group.mapping.service.cache.duration.secs
        group.mapping.service.params hdfs.login.keytab hdfs.login.principal health.check.dir
        health.check.timeout.ms id local.dir local.hostname local.mode.zmq log4j2.conf.dir
        messaging.netty.authentication messaging.netty.buffer.high.watermark
        messaging.netty.buffer.low.watermark messaging.netty.buffer_size
        messaging.netty.client_worker_threads messaging.netty.flush.check.interval.ms
        messaging.netty.flush_timeout_ms messaging.netty.max_retries
        messaging.netty.max_wait_ms messaging.netty.min_wait_ms
        messaging.netty.server_worker_threads messaging.netty.socket.backlog
        messaging.netty.transfer.batch.size messaging.transport meta.serialization.delegate
        metricprocessor.class metrics.reporters metricstore.class
        metricstore.rocksdb.create_if_missing metricstore.rocksdb.location
        metricstore.rocksdb.metadata_string_cache_capacity
        metricstore.rocksdb.retention_hours network.topography.plugin
        nimbus.retry.interval.millis nimbus.retry.intervalceiling.millis nimbus.retry.times
        nimbus.zookeeper.acls.check nimbus.zookeeper.acls.fixup oci.cgroup.parent
        oci.cgroup.root oci.nscd.dir principal.tolocal resource.isolation.plugin
        resource.isolation.plugin.enable scheduler supervisor.cgroup.rootdir
        supervisor.hard.memory.limit.multiplier supervisor.hard.memory.limit.overage.mb
        supervisor.low.memory.threshold.mb supervisor.medium.memory.grace.period.ms
        supervisor.medium.memory.threshold.mb supervisor.memory.limit.tolerance.margin.mb
        thrift.socket.timeout.ms thrift.tls.socket.timeout.ms thrift.transport
        topology.classpath.beginning.enabled topology.submission.notifier.plugin.class
        worker.min.cpu.pcore.percent workers.artifacts.dir zookeeper.auth.password
        zookeeper.auth.payload zookeeper.auth.scheme zookeeper.auth.user
        zookeeper.connection.timeout zookeeper.drpcACL zookeeper.port
        zookeeper.retry.interval zookeeper.retry.intervalceiling.millis
        zookeeper.retry.times zookeeper.root zookeeper.servers zookeeper.session.timeout
        zookeeper.ssl.enable zookeeper.ssl.hostnameVerification zookeeper.superACL
        zookeeper.topology.auth.payload zookeeper.topology.auth.scheme
    """,
    "supervisor": """
        blobstore.class blobstore.download.max_retries blobstore.download.thread.count
        childopts cpu.capacity enable heartbeat.frequency.secs
        localizer.cache.target.size.mb localizer.cleanup.interval.ms
        localizer.update.blob.interval.secs memory.capacity.mb monitor.frequency.secs
        queue.size resources.map run.worker.as.user scheduler.meta slots.ports supervisors
        supervisors.commands thrift.max_buffer_size thrift.port thrift.socket.timeout.ms
        thrift.threads thrift.transport worker.heartbeats.max.timeout.secs worker.launcher
        worker.shutdown.sleep.secs worker.start.timeout.secs worker.timeout.secs
        worker.version.classpath.map
    """,
    "task": """
        backpressure.poll.secs credentials.poll.secs heartbeat.frequency.secs
        refresh.poll.secs
    """,
    "topology": """
        acker.cpu.pcore.percent acker.executors acker.resources.offheap.memory.mb
        acker.resources.onheap.memory.mb auto-credentials auto.task.hooks
        backpressure.check.millis backpressure.enable backpressure.wait.park.microsec
        backpressure.wait.progressive.level1.count
        backpressure.wait.progressive.level2.count
        backpressure.wait.progressive.level3.sleep.millis backpressure.wait.strategy
        batch.flush.interval.millis blobstore.map bolt.wait.park.microsec
        bolt.wait.progressive.level1.count bolt.wait.progressive.level2.count
        bolt.wait.progressive.level3.sleep.millis bolt.wait.strategy bolts.late.tuple.stream
        bolts.message.id.field.name bolts.outgoing.overflow.buffer.enable
        bolts.tuple.timestamp.max.lag.ms bolts.watermark.event.interval.ms
        bolts.window.length.count bolts.window.length.duration.ms
        bolts.window.sliding.interval.count bolts.window.sliding.interval.duration.ms
        builtin.metrics.bucket.size.secs classpath classpath.beginning
        component.cpu.pcore.percent component.resources.map
        component.resources.offheap.memory.mb component.resources.onheap.memory.mb debug
        disable.loadaware.messaging disruptor.batch.size disruptor.batch.timeout.millis
        disruptor.wait.strategy disruptor.wait.timeout.millis enable.message.timeouts
        enable.v2.metrics.tick environment error.throttle.interval.secs
        event.logger.register eventlogger.executors eventlogger.max.retained.files
        eventlogger.rotation.size.mb executor.overflow.limit executor.receive.buffer.size
        executor.send.buffer.size fall.back.on.java.serialization groups isolate.machines
        kryo.decorators kryo.factory kryo.register localityaware.higher.bound
        localityaware.lower.bound logging.config logging.sensitivity
        max.error.report.per.interval max.replication.wait.time.sec max.spout.pending
        max.task.parallelism message.timeout.secs metrics.consumer.cpu.pcore.percent
        metrics.consumer.register metrics.consumer.resources.offheap.memory.mb
        metrics.consumer.resources.onheap.memory.mb min.replication.count
        multilang.log.handler multilang.serializer name priority producer.batch.dynamic
        producer.batch.size ras.acker.executors.per.worker ras.constraint.max.state.search
        ras.constraint.max.time.secs ras.constraints ras.one.component.per.worker
        ras.one.executor.per.worker ras.order.executors.by.proximity.needs readonly.groups
        readonly.users receiver.buffer.size scheduler.favored.nodes scheduler.strategy
        scheduler.unfavored.nodes serialized.message.size.metrics shellbolt.max.pending
        skip.missing.kryo.registrations sleep.spout.wait.strategy.time.ms spout.recvq.skips
        spout.wait.park.microsec spout.wait.progressive.level1.count
        spout.wait.progressive.level2.count spout.wait.progressive.level3.sleep.millis
        spout.wait.strategy spread.components state.checkpoint.interval.ms
        state.kryo.register state.provider state.provider.config
        state.synchronization.timeout.secs stats.ewma.enable stats.ewma.smoothing.factor
        stats.sample.rate submitter.principal submitter.user subprocess.timeout.secs tasks
        testing.always.try.serialize tick.tuple.freq.secs transactional.id
        transfer.batch.size transfer.buffer.size trident.batch.emit.interval.millis
        trident.windowing.cache.tuple.limit tuple.compression.enable
        tuple.compression.max.decompressed.bytes tuple.compression.threshold
        tuple.serializer upstream.feedback.enable upstream.feedback.freq.secs users version
        worker.childopts worker.gc.childopts worker.logwriter.childopts
        worker.max.heap.size.mb worker.metrics worker.nimbus.thrift.client.use.tls
        worker.receiver.thread.count worker.shared.thread.pool.size worker.timeout.secs
        workers
    """,
    "transactional": """
        zookeeper.port zookeeper.root zookeeper.servers
    """,
    "ui": """
        actions.enabled childopts disable.http.binding disable.spout.lag.monitoring filter
        filter.params header.buffer.bytes host http.creds.plugin http.x-frame-options
        pagination port title users
    """,
    "worker": """
        childopts gc.childopts heap.memory.mb heartbeat.frequency.secs
        log.level.reset.poll.secs max.timeout.secs metrics profiler.childopts
        profiler.command profiler.enabled
    """,
    "zmq": """
        hwm linger.millis threads
    """,
}

#: Every configuration key of Storm.
STORM_KEYS: Final = frozenset(
    f"{first}.{rest}" for first, names in _BY_FIRST_WORD.items() for rest in names.split()
)
