// What a result depends on and no file says: Node's major, the system, the architecture.
console.log(process.versions.node.split('.')[0], process.platform, process.arch);
