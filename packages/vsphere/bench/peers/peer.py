# Lists all machines again and again with pyVmomi: peer.py URL ROUNDS, password and authority in the environment.
import json, os, resource, ssl, sys, time
from urllib.parse import urlparse
from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

url, rounds = urlparse(sys.argv[1]), int(sys.argv[2])
with open(os.path.join(os.path.dirname(__file__), 'paths.json')) as file:
    paths = json.load(file)
context = ssl.create_default_context(cafile=os.environ['VSPHERE_CA'])
service = SmartConnect(host=url.hostname, port=url.port, user=os.environ['VSPHERE_USER'],
                       pwd=os.environ['VSPHERE_PASSWORD'], sslContext=context)
content = service.RetrieveContent()
collector = content.propertyCollector
Collector = vmodl.query.PropertyCollector


def listing():
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    traversal = Collector.TraversalSpec(name='view', path='view', skip=False, type=vim.view.ContainerView)
    spec = Collector.FilterSpec(
        objectSet=[Collector.ObjectSpec(obj=view, skip=True, selectSet=[traversal])],
        propSet=[Collector.PropertySpec(type=vim.VirtualMachine, pathSet=paths, all=False)])
    result = collector.RetrievePropertiesEx([spec], Collector.RetrieveOptions())
    found = list(result.objects)
    while result.token:
        result = collector.ContinueRetrievePropertiesEx(result.token)
        found += result.objects
    view.Destroy()
    return len(found)


milliseconds, count = [], 0
for _ in range(rounds):
    start = time.perf_counter()
    count = listing()
    milliseconds.append((time.perf_counter() - start) * 1000)
Disconnect(service)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({'milliseconds': milliseconds, 'count': count, 'cpu': usage.ru_utime + usage.ru_stime,
                  'rss': usage.ru_maxrss * 1024}))
