"""What the status line says of the camera."""

from scanner.gate.messages import CameraFault
from scanner.vision.faults import Fault


def test_every_fault_of_the_camera_has_its_message() -> None:
    assert [fault.value for fault in CameraFault] == [fault.value for fault in Fault]
