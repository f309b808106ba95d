// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Devices} from "./Devices.sol";
import {IReceipts} from "./interfaces/IReceipts.sol";

/// @title Receipts of what devices verified and started
/// @notice The part of the registry that timestamps batches of receipts.
abstract contract Receipts is IReceipts, Devices {
    /// @dev Who anchored a batch and when; one slot.
    struct Anchor {
        address device;
        uint64 time;
    }

    mapping(bytes32 root => Anchor anchor) private _anchors;

    /// @inheritdoc IReceipts
    function anchorReceipts(bytes32 root, uint32 count) external {
        if (!_isActiveDevice(msg.sender)) revert NotActiveDevice(msg.sender);
        if (root == bytes32(0) || count == 0) revert EmptyBatch(root, count);
        address first = _anchors[root].device;
        if (first != address(0)) revert AlreadyAnchored(root, first);
        _anchors[root] = Anchor(msg.sender, uint64(block.timestamp));
        emit ReceiptsAnchored(msg.sender, root, count);
    }

    /// @inheritdoc IReceipts
    function receiptsAnchor(bytes32 root) external view returns (address device, uint64 time) {
        Anchor memory anchor = _anchors[root];
        return (anchor.device, anchor.time);
    }
}
