// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Receipts of what devices verified and started
/// @notice A device anchors the Merkle root of a batch of receipts, which proves that they existed by then.
/// @dev An anchor tells when, not whose: anybody active may anchor a root they saw pending. Receipts are signed by
/// their own device, and a root that somebody else anchored first serves as well.
interface IReceipts {
    /// @notice A batch of receipts was anchored.
    /// @param device Who anchored it
    /// @param root The Merkle root of the batch
    /// @param count How many receipts the batch has, as the device says
    event ReceiptsAnchored(address indexed device, bytes32 indexed root, uint32 count);

    /// @notice Only an active device anchors receipts.
    /// @param caller The caller
    error NotActiveDevice(address caller);

    /// @notice A batch has a root and at least one receipt.
    /// @param root The root that was given
    /// @param count The count that was given
    error EmptyBatch(bytes32 root, uint32 count);

    /// @notice The root was anchored before, by whomever: there is nothing left to do.
    /// @param root The root
    /// @param device Who anchored it
    error AlreadyAnchored(bytes32 root, address device);

    /// @notice Anchors a batch of receipts; open to every active device.
    /// @dev Reverts with `NotActiveDevice`, `EmptyBatch` or `AlreadyAnchored`.
    /// @param root The Merkle root of the batch
    /// @param count How many receipts the batch has
    function anchorReceipts(bytes32 root, uint32 count) external;

    /// @notice Who anchored a batch, and when; zero if nobody did.
    /// @param root The Merkle root of the batch
    /// @return device The device
    /// @return time The block's time, in Unix seconds
    function receiptsAnchor(bytes32 root) external view returns (address device, uint64 time);
}
