#!/usr/bin/python3
"""Bluetooth sensors without Bluetooth: BlueZ's D-Bus interface (python3-dbusmock), on a private bus.

    ble-mock.py --socket /tmp/ble.sock
    DBUS_SYSTEM_BUS_ADDRESS=unix:path=/tmp/ble.sock dewproof edge start

It shows one adapter, hci0, and a wearable at 00:1a:7d:da:71:13 that notifies a heart rate (0x2A37) each second, and
whose battery level (0x2A19) and temperature (0x2A6E) can be read. It prints a line of JSON for each call that matters.

With --control it shows nothing by itself, and does what lines of JSON on its standard input say, until that ends:

    {"do": "adapter", "powered": true}
    {"do": "device", "address": "00:1a:7d:da:71:13", "hidden": true, "services": {SERVICE: {CHARACTERISTIC: FLAGS}}}
    {"do": "value", "address": ..., "characteristic": ..., "hex": "0648"}     its value, notified where asked for
    {"do": "drop", "address": ...}                                           it goes out of reach of a connection
    {"do": "refuse", "address": ..., "refused": true}                        no connection succeeds

Debian: python3-dbusmock, dbus.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
import dbusmock.mockobject as mock
from gi.repository import GLib

ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
ADAPTER_PATH = "/org/bluez/hci0"

HEART_RATE = "00002a37-0000-1000-8000-00805f9b34fb"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
TEMPERATURE = "00002a6e-0000-1000-8000-00805f9b34fb"
WEARABLE = {
    "address": "00:1a:7d:da:71:13",
    "services": {
        "0000180d-0000-1000-8000-00805f9b34fb": {HEART_RATE: ["notify"]},
        "0000180f-0000-1000-8000-00805f9b34fb": {BATTERY: ["read"]},
        "0000181a-0000-1000-8000-00805f9b34fb": {TEMPERATURE: ["read", "notify"]},
    },
}

hidden = []
characteristics = {}
refusing = set()
discovering = set()


def tell(what, **details):
    print(json.dumps({"did": what, **details}), flush=True)


def failed(text):
    return dbus.exceptions.DBusException(text, name="org.bluez.Error.Failed")


def array_of(hex_text):
    return dbus.Array([dbus.Byte(byte) for byte in bytes.fromhex(hex_text)], signature="y")


def device_path(address):
    return f"{ADAPTER_PATH}/dev_{address.replace(':', '_').upper()}"


def start_discovery(adapter):
    adapter.UpdateProperties(ADAPTER, {"Discovering": dbus.Boolean(True)})
    tell("start-discovery")
    # An advertisement takes its time.
    GLib.timeout_add(100, reveal)


def reveal():
    if mock.objects[ADAPTER_PATH].props[ADAPTER]["Discovering"]:
        while hidden:
            add_device(hidden.pop())


def stop_discovery(adapter):
    if not adapter.props[ADAPTER]["Discovering"]:
        raise failed("No discovery started")
    adapter.UpdateProperties(ADAPTER, {"Discovering": dbus.Boolean(False)})
    tell("stop-discovery")


def connect(device):
    address = str(device.props[DEVICE]["Address"]).lower()
    tell("connect", address=address)
    if address in refusing:
        raise failed("le-connection-abort-by-local")
    device.UpdateProperties(DEVICE, {"Connected": dbus.Boolean(True)})
    GLib.timeout_add(50, resolve_services, device)


def resolve_services(device):
    if device.props[DEVICE]["Connected"]:
        device.UpdateProperties(DEVICE, {"ServicesResolved": dbus.Boolean(True)})


def disconnect(device):
    tell("disconnect", address=str(device.props[DEVICE]["Address"]).lower())
    lose(device)


def lose(device):
    for characteristic in mock.objects.values():
        if characteristic.path.startswith(device.path + "/") and CHARACTERISTIC in characteristic.props:
            characteristic.props[CHARACTERISTIC]["Notifying"] = dbus.Boolean(False)
    device.UpdateProperties(DEVICE, {"Connected": dbus.Boolean(False), "ServicesResolved": dbus.Boolean(False)})


def is_connected(characteristic):
    device = mock.objects["/".join(characteristic.path.split("/")[:5])]
    return bool(device.props[DEVICE]["Connected"])


def verify_usable(characteristic, flag):
    if not is_connected(characteristic):
        raise dbus.exceptions.DBusException("Not connected", name="org.bluez.Error.NotConnected")
    if flag not in characteristic.props[CHARACTERISTIC]["Flags"]:
        raise dbus.exceptions.DBusException("Operation is not supported", name="org.bluez.Error.NotSupported")


def read_value(characteristic, _options):
    verify_usable(characteristic, "read")
    return characteristic.props[CHARACTERISTIC]["Value"]


def start_notify(characteristic):
    verify_usable(characteristic, "notify")
    if characteristic.props[CHARACTERISTIC]["Notifying"]:
        raise dbus.exceptions.DBusException("Already notifying", name="org.bluez.Error.InProgress")
    characteristic.UpdateProperties(CHARACTERISTIC, {"Notifying": dbus.Boolean(True)})
    tell("start-notify", characteristic=str(characteristic.props[CHARACTERISTIC]["UUID"]))


def stop_notify(characteristic):
    tell("stop-notify", characteristic=str(characteristic.props[CHARACTERISTIC]["UUID"]))
    if not characteristic.props[CHARACTERISTIC]["Notifying"]:
        raise failed("No notify session started")
    characteristic.UpdateProperties(CHARACTERISTIC, {"Notifying": dbus.Boolean(False)})


def add_adapter(main, powered=True):
    main.AddAdapter("hci0", "mock")
    adapter = mock.objects[ADAPTER_PATH]
    adapter.props[ADAPTER]["Powered"] = dbus.Boolean(powered)
    adapter.AddMethod(ADAPTER, "StartDiscovery", "", "", start_discovery)
    adapter.AddMethod(ADAPTER, "StopDiscovery", "", "", stop_discovery)


def add_device(spec):
    main, path = mock.objects["/"], device_path(spec["address"])
    properties = {
        "Address": dbus.String(spec["address"].upper()),
        "AddressType": dbus.String("random"),
        "Name": dbus.String("mock"),
        "Adapter": dbus.ObjectPath(ADAPTER_PATH),
        "Connected": dbus.Boolean(False),
        "ServicesResolved": dbus.Boolean(False),
    }
    main.AddObject(path, DEVICE, properties, [("Connect", "", "", connect), ("Disconnect", "", "", disconnect)])
    for index, (service, members) in enumerate(spec["services"].items()):
        service_path = f"{path}/service{index:04x}"
        service_properties = {
            "UUID": dbus.String(service),
            "Primary": dbus.Boolean(True),
            "Device": dbus.ObjectPath(path),
        }
        main.AddObject(service_path, SERVICE, service_properties, [])
        for number, (characteristic, flags) in enumerate(members.items()):
            add_characteristic(main, spec["address"], f"{service_path}/char{number:04x}", characteristic, flags)


def add_characteristic(main, address, path, uuid, flags):
    properties = {
        "UUID": dbus.String(uuid),
        "Service": dbus.ObjectPath(os.path.dirname(path)),
        "Value": dbus.Array([], signature="y"),
        "Notifying": dbus.Boolean(False),
        "Flags": dbus.Array(flags, signature="s"),
    }
    methods = [
        ("ReadValue", "a{sv}", "ay", read_value),
        ("StartNotify", "", "", start_notify),
        ("StopNotify", "", "", stop_notify),
    ]
    main.AddObject(path, CHARACTERISTIC, properties, methods)
    characteristics[(address, uuid)] = mock.objects[path]


def set_value(address, uuid, hex_text):
    characteristic = characteristics[(address, uuid)]
    characteristic.props[CHARACTERISTIC]["Value"] = array_of(hex_text)
    if characteristic.props[CHARACTERISTIC]["Notifying"]:
        characteristic.UpdateProperties(CHARACTERISTIC, {"Value": array_of(hex_text)})


def obey(order):
    do = order.pop("do")
    if do == "adapter":
        add_adapter(mock.objects["/"], order["powered"])
    elif do == "power":
        mock.objects[ADAPTER_PATH].UpdateProperties(ADAPTER, {"Powered": dbus.Boolean(order["powered"])})
    elif do == "device":
        (hidden.append if order.get("hidden") else add_device)(order)
    elif do == "value":
        set_value(order["address"], order["characteristic"], order["hex"])
    elif do == "drop":
        lose(mock.objects[device_path(order["address"])])
    elif do == "refuse":
        (refusing.add if order["refused"] else refusing.discard)(order["address"])
    else:
        raise ValueError(f"nobody knows how to {do}")
    tell("obeyed", order=do)


def heart_rate(beat=[0]):
    # Resting, with a slow swing: flags (uint8, sensor contact), then beats a minute.
    beat[0] += 1
    set_value(WEARABLE["address"], HEART_RATE, bytes([0x06, round(68 + 8 * math.sin(beat[0] / 10))]).hex())
    return True


def show_wearable(main, every):
    add_adapter(main)
    add_device(WEARABLE)
    set_value(WEARABLE["address"], BATTERY, "5d")
    set_value(WEARABLE["address"], TEMPERATURE, (3_652).to_bytes(2, "little").hex())
    GLib.timeout_add(round(every * 1000), heart_rate)


def declare_signal():
    # BlueZ declares the signal where it describes itself, and clients rely on that; dbusmock does not.
    @dbus.service.signal(dbus.PROPERTIES_IFACE, signature="sa{sv}as")
    def PropertiesChanged(self, interface_name, changed_properties, invalidated_properties):
        pass

    table = mock.DBusMockObject._dbus_class_table["dbusmock.mockobject.DBusMockObject"]
    table[dbus.PROPERTIES_IFACE]["PropertiesChanged"] = PropertiesChanged


def start_bus(socket):
    if os.path.exists(socket):
        os.unlink(socket)
    command = ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address", f"--address=unix:path={socket}"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    if not daemon.stdout.readline():
        sys.exit("ble-mock: dbus-daemon did not start")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={socket}"
    return daemon


def main():
    parser = argparse.ArgumentParser(description="Bluetooth sensors without Bluetooth, on a private D-Bus")
    parser.add_argument("--socket", required=True, help="where the private bus listens; made anew")
    parser.add_argument("--every", type=float, default=1, help="seconds between two heart rates (default: 1)")
    parser.add_argument("--control", action="store_true", help="do what standard input says, and nothing else")
    args = parser.parse_args()

    daemon = start_bus(args.socket)
    loop = GLib.MainLoop()
    try:
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        bus_name = dbus.service.BusName("org.bluez", dbus.SystemBus(), do_not_queue=True)
        declare_signal()
        # It logs each call to a file; ours go to standard output, as JSON.
        root = mock.DBusMockObject(bus_name, "/", "org.bluez.Mock", {}, os.devnull, True)
        mock.objects["/"] = root
        root.AddTemplate("bluez5", {})
        if args.control:
            watch_orders(loop)
        else:
            show_wearable(root, args.every)
        for number in (signal.SIGTERM, signal.SIGINT):
            GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
        tell("ready", address=f"unix:path={args.socket}")
        loop.run()
    finally:
        daemon.terminate()
        daemon.wait()


def watch_orders(loop):
    def on_input(stream, _condition):
        line = stream.readline()
        if not line:
            loop.quit()
            return False
        obey(json.loads(line))
        return True

    # One line a wake-up: the buffer must hold no more, or it would wait for the next one.
    orders = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    GLib.io_add_watch(orders, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, on_input)


main()
